import { ConfigurationError, formatTokenEvent, type InstellixClient, type TokenEvent } from '@instellix/core';
import {
  Global,
  Inject,
  Injectable,
  type InjectionToken,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
  Scope,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { InstellixModuleOptions } from '../module/instellix-module-options.ts';
import { createClient, type ModuleClient, type ModuleOptionsContext } from './create-client.ts';
import { describeClient, getInstellixClientToken } from './instellix-client.token.ts';

/** How long a shutdown waits for one client to close, in milliseconds. */
const closeTimeoutMs = 5_000;

/** Events that an operator should see; the others help only while debugging. */
const warnings: ReadonlySet<TokenEvent['type']> = new Set([
  'token_request_failed',
  'token_rejected',
  'lifetime_assumed',
  'store_failed',
]);

interface RegisteredClient extends ModuleClient {
  readonly label: string;
  unsubscribe(): void;
}

/** Creates, warms, logs and closes the clients of one application. Another application of the same process has its own registry. */
@Injectable()
export class ClientRegistry implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  readonly #moduleRef: ModuleRef;
  readonly #logger = new Logger('InstellixModule');
  readonly #reserved = new Set<InjectionToken>();
  readonly #labels = new Map<InjectionToken, string>();
  readonly #clients = new Set<RegisteredClient>();

  constructor(@Inject(ModuleRef) moduleRef: ModuleRef) {
    this.#moduleRef = moduleRef;
  }

  /** @throws ConfigurationError when another module of this application provides the same token */
  reserveToken(token: InjectionToken, label: string): void {
    if (this.#reserved.has(token)) {
      throw new ConfigurationError([
        `this application registers ${label} twice: import forRoot() once for each name, and give each further client its own name.`,
      ]);
    }
    this.#reserved.add(token);
  }

  /** @throws ConfigurationError when another module of this application registers a client with this name */
  registerModule(name: string | undefined): void {
    const token = getInstellixClientToken(name);
    this.reserveToken(token, describeClient(name));
    this.#labels.set(token, describeClient(name));
  }

  /** @throws ConfigurationError with all problems at once, each with the name of the client */
  create(name: string | undefined, options: InstellixModuleOptions, context: ModuleOptionsContext): InstellixClient {
    const label = describeClient(name);
    try {
      const created = createClient(options, context);
      const unsubscribe = created.client.subscribe((event) => this.#log(label, event));
      this.#clients.add({ ...created, label, unsubscribe });
      return created.client;
    } catch (error) {
      if (name === undefined || !(error instanceof ConfigurationError)) throw error;
      throw new ConfigurationError(error.problems.map((problem) => `${label}: ${problem}`));
    }
  }

  /** @throws ConfigurationError when Nest would create a client for each request */
  onModuleInit(): void {
    for (const [token, label] of this.#labels) {
      if (this.#moduleRef.introspect(token as string).scope !== Scope.REQUEST) continue;
      throw new ConfigurationError([
        `the options of ${label} depend on a request-scoped provider: each request would create a client and request a token. Inject only singletons. For several tenants, register a client for each by name.`,
      ]);
    }
  }

  /** Obtains the first tokens of the eager clients. No token request outlives a bootstrap that fails here. */
  async onApplicationBootstrap(): Promise<void> {
    const results = await Promise.allSettled([...this.#clients].map((client) => this.#fetchFirstToken(client)));
    const failure = results.find(({ status }) => status === 'rejected');
    if (failure?.status === 'rejected') throw failure.reason;
  }

  /** Nest calls this hook after the server has ended its last request, which may still need its client. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.#clients].map((client) => this.#close(client)));
  }

  #log(label: string, event: TokenEvent): void {
    const line = `${label}: ${formatTokenEvent(event)}`;
    if (warnings.has(event.type)) this.#logger.warn(line);
    else this.#logger.debug(line);
  }

  async #fetchFirstToken({ client, eager, label }: RegisteredClient): Promise<void> {
    if (!eager) return;
    try {
      await client.getToken();
    } catch (error) {
      const level = eager === 'fail' ? 'error' : 'warn';
      this.#logger[level](`${label}: no token at startup: ${reasonOf(error)}`);
      if (eager === 'fail') throw error;
    }
  }

  /** Never rejects: whatever a client does, the other clients are closed and the application ends. */
  async #close({ client, isOurs, label, unsubscribe }: RegisteredClient): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(reject, closeTimeoutMs, new Error(`it did not close within ${closeTimeoutMs} ms`));
    });
    try {
      if (isOurs) await Promise.race([client.close(), timeout]);
      else unsubscribe();
    } catch (error) {
      this.#logger.warn(`${label}: failed to close: ${reasonOf(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Nest creates a module without options once for each application. Global modules are shut down last, after all that use a client. */
@Global()
@Module({ providers: [ClientRegistry], exports: [ClientRegistry] })
export class ClientRegistryModule {}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

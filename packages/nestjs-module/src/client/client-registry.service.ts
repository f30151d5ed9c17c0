import { ConfigurationError, type InstellixClient } from '@instellix/core';
import {
  type InjectionToken,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
  Scope,
} from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { InstellixModuleOptions } from '../module/instellix-module-options.interface.ts';
import { createClient, type ModuleClient, type ModuleOptionsContext } from './create-client.ts';
import { getInstellixClientToken } from './instellix-client.token.ts';
import { logTokenEvents } from './log-token-events.ts';

/** How long the end of an application waits for its clients, milliseconds. */
const closeWithinMs = 5_000;

interface RegisteredClient extends ModuleClient {
  readonly label: string;
  stopLogging(): void;
}

/** The clients of one application, from the moment they are made to the end; another application in the process has its own. */
export class ClientRegistry implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  readonly #moduleRef: Pick<ModuleRef, 'introspect'>;
  readonly #logger = new Logger('InstellixModule');
  readonly #reserved = new Set<InjectionToken>();
  readonly #registered = new Map<InjectionToken, string>();
  readonly #clients = new Set<RegisteredClient>();
  #isBootstrapped = false;
  #hasBootstrapFailed = false;

  constructor(moduleRef: Pick<ModuleRef, 'introspect'>) {
    this.#moduleRef = moduleRef;
  }

  /**
   * Takes note of a module, whether its client will ever be made or not.
   *
   * @throws ConfigurationError when there is such a module already
   */
  registerModule(name: string | undefined): void {
    const token = getInstellixClientToken(name);
    this.reserveToken(token, labelOf(name), 'InstellixModule');
    this.#registered.set(token, labelOf(name));
  }

  /** @throws ConfigurationError when another module of this application provides the same */
  reserveToken(token: InjectionToken, label: string, module: string): void {
    if (this.#reserved.has(token)) {
      this.#closeAfterFailedBootstrap();
      throw new ConfigurationError([
        `this application registers ${label} twice: import ${module}.forRoot() once for each name, and give further ones a name of their own.`,
      ]);
    }
    this.#reserved.add(token);
  }

  /** @throws ConfigurationError with all problems at once, each naming the client */
  create(name: string | undefined, options: InstellixModuleOptions, context?: ModuleOptionsContext): InstellixClient {
    const label = labelOf(name);
    try {
      const made = createClient(options, context);
      this.#clients.add({ ...made, label, stopLogging: logTokenEvents(this.#logger, made.client, label) });
      if (this.#hasBootstrapFailed) this.#closeAfterFailedBootstrap();
      return made.client;
    } catch (error) {
      this.#closeAfterFailedBootstrap();
      if (name === undefined || !(error instanceof ConfigurationError)) throw error;
      throw new ConfigurationError(error.problems.map((problem) => `${label}: ${problem}`));
    }
  }

  /** @throws ConfigurationError when the client of a module would be made anew for each request */
  onModuleInit(): void {
    for (const [token, label] of this.#registered) {
      if (this.#moduleRef.introspect(token as string).scope !== Scope.REQUEST) continue;
      this.#closeAfterFailedBootstrap();
      throw new ConfigurationError([
        `the options of ${label} depend on a request-scoped provider: each request would make a client and fetch a token of its own. Inject singletons only; for several tenants, register a client for each by name.`,
      ]);
    }
  }

  /** Obtains the first tokens of eager clients, all at once. */
  async onApplicationBootstrap(): Promise<void> {
    const eager = [...this.#clients].filter((client) => client.eager);
    const failures = await Promise.all(eager.map((client) => this.#fetchFirstToken(client)));
    const fatal = failures.find((failure) => failure?.isFatal);
    if (!fatal) {
      this.#isBootstrapped = true;
      return;
    }
    this.#closeAfterFailedBootstrap();
    throw fatal.error;
  }

  /** After the server has ended its last request, so that this one still has its client. */
  async onApplicationShutdown(): Promise<void> {
    const open = new Set(this.#clients);
    this.#clients.clear();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeWithinMs);
    });
    const closed = [...open].map(async (registered) => {
      await this.#close(registered);
      open.delete(registered);
    });
    await Promise.race([Promise.all(closed), patience]);
    clearTimeout(timer);
    for (const { label } of open)
      this.#logger.warn(`${label}: not closed within ${closeWithinMs} ms; going on without it.`);
  }

  async #fetchFirstToken({
    client,
    eager,
    label,
  }: RegisteredClient): Promise<{ error: unknown; isFatal: boolean } | undefined> {
    try {
      await client.getToken();
      return undefined;
    } catch (error) {
      const isFatal = eager === 'fail';
      const line = `${label}: no token at startup: ${error instanceof Error ? error.message : error}`;
      if (isFatal) this.#logger.error(line);
      else this.#logger.warn(line);
      return { error, isFatal };
    }
  }

  /**
   * The bootstrap has failed, and Nest will call no hook: closes what was made so far. An application that runs keeps its
   * clients, whatever is wrong with a module that it loads lazily.
   */
  #closeAfterFailedBootstrap(): void {
    if (this.#isBootstrapped) return;
    this.#hasBootstrapFailed = true;
    this.onApplicationShutdown().catch(() => {});
  }

  async #close({ client, isOurs, label, stopLogging }: RegisteredClient): Promise<void> {
    try {
      stopLogging();
      if (isOurs) await client.close();
    } catch (error) {
      this.#logger.warn(`${label}: failed to close: ${error instanceof Error ? error.message : error}`);
    }
  }
}

function labelOf(name: string | undefined): string {
  return name === undefined ? 'the unnamed client' : `client ${JSON.stringify(name)}`;
}

import { ConfigurationError, type InstellixClient } from '@instellix/core';
import { checkHealth, healthTimeout, object, readOptions } from '@instellix/core/adapter';
import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { describeClient, getInstellixClientToken } from '../client/instellix-client.token.ts';
import { nameValidator } from '../module/instellix-module-options.ts';

/** The options of a health check. */
export interface InstellixHealthOptions {
  /** The name of the client. @default the unnamed client */
  readonly name?: string | undefined;
  /** How long a check waits for a token when the client has none, in milliseconds. @default 800, less than the timeout of a Kubernetes probe */
  readonly timeoutMs?: number | undefined;
}

const optionsValidator = object<InstellixHealthOptions>({ name: nameValidator, timeoutMs: healthTimeout });

/**
 * Reports to Terminus whether a client serves calls. List it among the providers of the module with the health controller.
 *
 * A check makes no token request, unless the client has no token yet or its last attempt failed. All checks share that request.
 */
@Injectable()
export class InstellixHealthIndicator {
  readonly #indicators: HealthIndicatorService;
  readonly #moduleRef: ModuleRef;

  constructor(
    @Inject(HealthIndicatorService) indicators: HealthIndicatorService,
    @Inject(ModuleRef) moduleRef: ModuleRef,
  ) {
    this.#indicators = indicators;
    this.#moduleRef = moduleRef;
  }

  /**
   * Returns `up` when calls are served and `down` when they are not, with the client's status and without secrets. A client whose
   * held token cannot be refreshed is `degraded` with Terminus 12, and `up` with the condition `degraded` with Terminus 11.
   *
   * @throws ConfigurationError for options that do not exist or cannot work, and for a client that no module registers
   */
  async isHealthy<const Key extends string>(
    key: Key,
    options: InstellixHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const { name, ...others } = readOptions(optionsValidator, options, (given) => given, 'isHealthy()');
    const { status, ...details } = await checkHealth(this.#findClient(name), others);
    const session = this.#indicators.check(key);
    if (status === 'down') return session.down(details);
    return status === 'degraded' && 'degraded' in session ? session.degraded(details) : session.up(details);
  }

  #findClient(name: string | undefined): InstellixClient {
    try {
      return this.#moduleRef.get<InstellixClient>(getInstellixClientToken(name) as string, { strict: false });
    } catch (cause) {
      const problem = `isHealthy(): no module of this application provides ${describeClient(name)}: import InstellixModule.forRoot() for it, or give the name of another client.`;
      throw new ConfigurationError([problem], { cause });
    }
  }
}

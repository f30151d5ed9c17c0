import type { InstellixClient } from '@instellix/core';
import { checkHealth } from '@instellix/core/adapter';
import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { getInstellixClientToken } from '../client/instellix-client.token.ts';
import { omitOptions } from '../client/select-options.ts';

/** The options of a health check. */
export interface InstellixHealthOptions {
  /** The name of the client. @default the unnamed client */
  readonly name?: string | undefined;
  /** How long a check waits for a token when the client has none, in milliseconds. @default 800, less than the timeout of a Kubernetes probe */
  readonly timeoutMs?: number | undefined;
}

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
   * @throws ConfigurationError for options that do not exist or cannot work
   */
  async isHealthy<const Key extends string>(
    key: Key,
    options: InstellixHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const token = getInstellixClientToken(options.name) as string;
    const client = this.#moduleRef.get<InstellixClient>(token, { strict: false });
    const { status, ...details } = await checkHealth(client, omitOptions(options, ['name']));
    const session = this.#indicators.check(key);
    if (status === 'down') return session.down(details);
    return status === 'degraded' && 'degraded' in session ? session.degraded(details) : session.up(details);
  }
}

import type { InstellixClient } from '@instellix/core';
import { checkHealth } from '@instellix/core/adapter';
import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { getInstellixClientToken } from '../client/instellix-client.token.ts';

/** Which client is checked, and how long. */
export interface InstellixHealthOptions {
  /** The name of the client. @default the unnamed client */
  readonly name?: string | undefined;
  /** How long a check waits for a token when the client has none, in milliseconds. @default 800, less than a probe of Kubernetes waits */
  readonly timeoutMs?: number | undefined;
}

/**
 * Tells Terminus whether a client serves calls; list it among the providers of the module that has the health controller.
 *
 * A check costs no token request, unless the client has no token yet or its last attempt failed; all checks share that one.
 */
export class InstellixHealthIndicator {
  static {
    Injectable()(InstellixHealthIndicator);
    Inject(HealthIndicatorService)(InstellixHealthIndicator, undefined, 0);
    Inject(ModuleRef)(InstellixHealthIndicator, undefined, 1);
  }

  readonly #indicators: HealthIndicatorService;
  readonly #moduleRef: ModuleRef;

  constructor(indicators: HealthIndicatorService, moduleRef: ModuleRef) {
    this.#indicators = indicators;
    this.#moduleRef = moduleRef;
  }

  /**
   * Answers `up` while calls are served and `down` when they are not, with what is known and no secret. A client that lives on
   * its last token is `degraded` where Terminus knows that word (12), before that `up` with the condition `degraded`.
   *
   * @throws ConfigurationError for options that do not exist or cannot work
   */
  async isHealthy<const Key extends string>(
    key: Key,
    { name, ...timing }: InstellixHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const client = this.#moduleRef.get<InstellixClient>(getInstellixClientToken(name) as string, { strict: false });
    const { status, ...details } = await checkHealth(client, timing);
    const session = this.#indicators.check(key);
    if (status === 'down') return session.down(details);
    return status === 'degraded' && 'degraded' in session ? session.degraded(details) : session.up(details);
  }
}

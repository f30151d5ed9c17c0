import type { NextFunction, Request, Response } from 'express';
import { nextError } from '../next-error.ts';
import type { ExchangeOutcome, ProxyEvent } from './proxy-event.ts';
import { ProxyExchange } from './proxy-exchange.ts';
import { bodyConsumedDetail, ProxyRejection, respondWithProblem } from './proxy-problem.ts';
import type { ProxySettings } from './proxy-settings.ts';
import { isConsumed } from './request-framing.ts';
import { validateRequest } from './validated-request.ts';

/** How long requests in progress may go on after the proxy was closed. */
const graceMs = 10_000;

/** Checks each request, one check after the other, before it is forwarded. */
export class ProxyHandler {
  readonly #settings: ProxySettings;
  readonly #exchanges = new Set<ProxyExchange>();
  #closed: Promise<void> | undefined;

  constructor(settings: ProxySettings) {
    this.#settings = settings;
  }

  async handle(request: Request, response: Response, next: NextFunction): Promise<void> {
    const startedAt = performance.now();
    const validated = this.#closed ? new ProxyRejection('client_closed') : validateRequest(request, this.#settings);
    const report = (outcome: Partial<ExchangeOutcome>) => {
      const rule = validated instanceof ProxyRejection ? undefined : validated.rule;
      this.#report({ method: request.method, rule, durationMs: performance.now() - startedAt, ...outcome });
    };
    const refuse = (rejection: ProxyRejection, reason?: string) => {
      const status = respondWithProblem(request, response, rejection);
      report({ outcome: 'refused', status, code: rejection.code, reason });
    };

    if (validated instanceof ProxyRejection) {
      refuse(validated);
      return;
    }
    let isAllowed = true;
    try {
      if (this.#settings.authorize) isAllowed = await this.#settings.authorize(request);
    } catch (error) {
      report({ outcome: 'failed', reason: 'authorize' });
      return nextError(next, error, 'The authorize function of instellixProxy()');
    }
    // The caller has left meanwhile, or other middleware has responded.
    if (response.destroyed || response.writableEnded) return report({ outcome: 'aborted' });
    if (this.#closed) return refuse(new ProxyRejection('client_closed'));
    if (isAllowed !== true) return refuse(new ProxyRejection('forbidden'));
    if (validated.bodyLength !== 0 && isConsumed(request)) {
      return refuse(new ProxyRejection('body_consumed'), bodyConsumedDetail);
    }
    const exchange = new ProxyExchange(this.#settings, request, response, validated);
    this.#exchanges.add(exchange);
    exchange.start();
    report(await exchange.ended);
    this.#exchanges.delete(exchange);
  }

  /** Lets requests in progress end, for a while, and closes the proxy's own connections to the API. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  #report(event: Partial<ProxyEvent>): void {
    const complete = {
      status: undefined,
      code: undefined,
      resent: false,
      error: undefined,
      reason: undefined,
      ...event,
    };
    try {
      this.#settings.onEvent?.(complete as ProxyEvent);
    } catch {
      // An exception in a listener must not change what callers receive.
    }
  }

  async #close(): Promise<void> {
    const ended = Promise.all([...this.#exchanges].map((exchange) => exchange.ended));
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, graceMs).unref())]);
    for (const exchange of this.#exchanges) exchange.fail('client_closed');
    if (this.#settings.ownsDispatcher) await this.#settings.dispatcher.destroy();
  }
}

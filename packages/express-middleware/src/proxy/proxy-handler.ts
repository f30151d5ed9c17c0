import type { Socket } from 'node:net';
import { callListener } from '@instellix/core/adapter';
import type { Request, Response } from 'express';
import { type ExchangeOutcome, ProxyExchange } from './proxy-exchange.ts';
import { bodyConsumedDetail, ProxyRejection, respondWithProblem } from './proxy-problem.ts';
import type { ProxySettings } from './proxy-settings.ts';
import { isConsumed } from './request-framing.ts';
import { sentStatus } from './response-relay.ts';
import { validateRequest } from './validated-request.ts';

/** How long requests in progress may go on after the proxy was closed. */
const graceMs = 10_000;

/** Checks each request, one check after the other, before it is forwarded. */
export class ProxyHandler {
  readonly #settings: ProxySettings;
  /** Not a set: each of its tables refers to the next, so that V8 keeps dead entries of all of them until a full collection. */
  readonly #exchanges: ProxyExchange[] = [];
  /** The connections of callers whose end is noticed. */
  readonly #watched = new WeakSet<Socket>();
  #closed: Promise<void> | undefined;

  constructor(settings: ProxySettings) {
    this.#settings = settings;
  }

  /** @throws what `authorize` throws */
  async handle(request: Request, response: Response): Promise<void> {
    const startedAt = performance.now();
    let rule: string | undefined;
    const report = (outcome: ExchangeOutcome) => {
      const { onEvent } = this.#settings;
      if (!onEvent) return;
      callListener(onEvent, {
        status: sentStatus(response),
        code: undefined,
        method: request.method,
        rule,
        durationMs: performance.now() - startedAt,
        resent: false,
        error: undefined,
        reason: undefined,
        ...outcome,
      });
    };
    try {
      this.#requireOpen();
      const validated = validateRequest(request, this.#settings);
      rule = validated.rule;
      const isAllowed = await this.#authorize(request, report);
      if (isOver(request, response)) return report({ outcome: 'aborted' });
      this.#requireOpen();
      if (isAllowed !== true) throw new ProxyRejection('forbidden');
      if (validated.bodyLength !== 0 && isConsumed(request)) {
        throw new ProxyRejection('body_consumed', { reason: bodyConsumedDetail });
      }
      const exchange = new ProxyExchange(this.#settings, request, response, validated);
      this.#exchanges.push(exchange);
      this.#watch(request.socket);
      exchange.start();
      const outcome = await exchange.ended;
      this.#exchanges.splice(this.#exchanges.lastIndexOf(exchange), 1);
      report(outcome);
    } catch (error) {
      if (!(error instanceof ProxyRejection)) throw error;
      if (isOver(request, response)) return report({ outcome: 'aborted' });
      respondWithProblem(request, response, error);
      report({ outcome: 'refused', code: error.code, reason: error.reason });
    }
  }

  /** Lets requests in progress end, for a while, and closes the proxy's own connections to the API. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Not at once, even without an `authorize`: middleware that has called `next()` may go on, and read the body. */
  async #authorize(request: Request, report: (outcome: ExchangeOutcome) => void): Promise<unknown> {
    const { authorize } = this.#settings;
    try {
      return authorize ? await authorize(request) : true;
    } catch (error) {
      report({ outcome: 'failed', reason: 'authorize' });
      throw error;
    }
  }

  #requireOpen(): void {
    if (this.#closed) throw new ProxyRejection('client_closed');
  }

  /** Node 20 and 22 do not close a response that waits for others of its connection when the connection closes. */
  #watch(connection: Socket | undefined): void {
    // Those of Lambda adapters emit nothing.
    if (!connection?.once || this.#watched.has(connection)) return;
    this.#watched.add(connection);
    connection.once('close', () => {
      for (const exchange of this.#exchanges) exchange.endWith(connection);
    });
  }

  async #close(): Promise<void> {
    const ended = Promise.all(this.#exchanges.map((exchange) => exchange.ended));
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, graceMs).unref())]);
    for (const exchange of this.#exchanges) exchange.fail(new ProxyRejection('client_closed'));
    if (this.#settings.ownsDispatcher) await this.#settings.dispatcher.destroy();
  }
}

/** Returns whether the caller has left, or other middleware has responded. */
function isOver({ socket }: Request, { destroyed, headersSent }: Response): boolean {
  return destroyed || headersSent || socket?.destroyed === true;
}

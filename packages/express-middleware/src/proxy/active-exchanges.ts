import type { ExchangeOutcome } from './proxy-event.ts';
import type { ProxyExchange } from './proxy-exchange.ts';
import { ProxyRejection } from './proxy-problem.ts';
import type { ProxySettings } from './proxy-settings.ts';

/** How long requests in progress may go on after the proxy was closed. */
const graceMs = 10_000;
const maxCheckMs = 1_000;

/** The requests that are being forwarded. One timer for all of them finds those in which no byte moves. */
export class ActiveExchanges {
  /** Not a set: each of its tables refers to the next, so that V8 keeps dead entries of all of them until a full collection. */
  readonly #exchanges: ProxyExchange[] = [];
  readonly #checkMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor({ headersMs, idleMs }: ProxySettings['timeouts']) {
    this.#checkMs = Math.min(headersMs / 2, idleMs / 2, maxCheckMs);
  }

  async run(exchange: ProxyExchange): Promise<ExchangeOutcome> {
    this.#exchanges.push(exchange);
    this.#timer ??= setInterval(() => this.#check(), this.#checkMs);
    exchange.start();
    const outcome = await exchange.ended;
    this.#exchanges.splice(this.#exchanges.indexOf(exchange), 1);
    if (this.#exchanges.length === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    return outcome;
  }

  /** Lets the exchanges end, for a while, and then fails those that are left. */
  async close(): Promise<void> {
    const ended = Promise.all(this.#exchanges.map((exchange) => exchange.ended));
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, graceMs).unref())]);
    for (const exchange of this.#exchanges) exchange.fail(new ProxyRejection('client_closed'));
  }

  #check(): void {
    for (const exchange of this.#exchanges) exchange.checkInactivity();
  }
}

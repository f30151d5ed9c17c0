import type { Clock } from '../clock/clock.ts';
import { callListener } from './call-listener.ts';
import type { TokenEvent, TokenEventDetails } from './token-event.ts';

/** The events after which an attempt to obtain a token does not wait any more. */
const endsOfWaits: ReadonlySet<TokenEvent['type']> = new Set([
  'token_requested',
  'token_obtained',
  'token_request_failed',
  'token_request_aborted',
]);

/** Passes events to listeners. An exception in a listener affects neither the token nor another listener. */
export class TokenEventEmitter {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #environment: string;
  readonly #realm: string;
  readonly #listeners = new Set<(event: TokenEvent) => void>();
  #isWaiting = false;

  constructor(clock: Pick<Clock, 'now'>, environment: string, realm: string) {
    this.#clock = clock;
    this.#environment = environment;
    this.#realm = realm;
  }

  /** Whether the attempt to obtain a token has announced a wait, and nothing since. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Adds a listener and returns a function that removes it. A function that is added twice is called twice. */
  subscribe(listener: (event: TokenEvent) => void): () => void {
    if (typeof listener !== 'function') throw new TypeError('subscribe: the listener must be a function.');
    const entry = (event: TokenEvent) => listener(event);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  clear(): void {
    this.#listeners.clear();
  }

  emit(details: TokenEventDetails): void {
    if (details.type === 'waiting') this.#isWaiting = true;
    else if (endsOfWaits.has(details.type)) this.#isWaiting = false;
    if (this.#listeners.size === 0) return;
    const event = Object.freeze({
      at: this.#clock.now(),
      environment: this.#environment,
      realm: this.#realm,
      ...details,
    });
    // A copy, because listeners that add listeners would otherwise keep the loop going.
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) callListener(listener, event);
  }
}

import type { Clock } from '../clock/clock.ts';
import type { TokenEvent, TokenEventDetails } from './token-event.ts';

/** Tells listeners what happens; no listener can disturb the token or another listener. */
export class TokenEventFeed {
  readonly #clock: Clock;
  readonly #environment: string;
  readonly #realm: string;
  readonly #listeners = new Set<(event: TokenEvent) => void>();

  constructor(clock: Clock, environment: string, realm: string) {
    this.#clock = clock;
    this.#environment = environment;
    this.#realm = realm;
  }

  /** Adds a listener; returns how to remove it. The same function added twice is heard twice. */
  subscribe(listener: (event: TokenEvent) => void): () => void {
    const entry = (event: TokenEvent) => listener(event);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  clear(): void {
    this.#listeners.clear();
  }

  emit(details: TokenEventDetails): void {
    if (this.#listeners.size === 0) return;
    const event = Object.freeze({
      at: this.#clock.now(),
      environment: this.#environment,
      realm: this.#realm,
      ...details,
    });
    // A copy, or listeners that subscribe others could keep the event going round.
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) hear(listener, event);
  }
}

/** An async listener counts as one that throws: its rejection would otherwise end the process. */
function hear(listener: (event: TokenEvent) => unknown, event: TokenEvent): void {
  try {
    const result = listener(event);
    if (result instanceof Promise) result.catch(() => {});
  } catch {
    // A broken listener is its owner's concern; there is nobody here to tell.
  }
}

import type { Clock } from '../clock/clock.ts';
import { withTimeout } from '../clock/with-timeout.ts';
import type { TokenEventEmitter } from './token-event-emitter.ts';

/** A secret function that takes longer than this is reported as an event, in milliseconds. */
const silentMs = 1_000;

/** Reads the client secret before each token request, so that a rotated one is picked up. */
export class SecretReader {
  readonly #clock: Clock;
  readonly #events: TokenEventEmitter;
  readonly #readSecret: () => Promise<string>;

  constructor(clock: Clock, events: TokenEventEmitter, readSecret: () => Promise<string>) {
    this.#clock = clock;
    this.#events = events;
    this.#readSecret = readSecret;
  }

  /** Rejects with the error of the secret function, with the error that `onTimeout` throws, or with `signal.reason`. */
  read(timeoutMs: number, onTimeout: () => never, signal: AbortSignal): Promise<string> {
    const report = () => this.#events.emit({ type: 'waiting', for: 'secret' });
    const read = (ended: AbortSignal) => {
      this.#clock.sleep(silentMs, ended).then(report, () => {});
      return this.#readSecret();
    };
    return withTimeout(this.#clock, timeoutMs, read, onTimeout, signal);
  }
}

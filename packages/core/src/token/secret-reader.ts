import type { Clock } from '../clock/clock.ts';
import { withTimeout } from '../clock/with-timeout.ts';
import type { TokenEventEmitter } from './token-event-emitter.ts';

/** A shorter wait is not reported, in milliseconds: most sources return at once. */
const silentMs = 50;

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

  /**
   * Reads the secret; undefined when the source has not returned one within `timeoutMs`.
   *
   * @throws what the source of the secret throws, or `signal.reason`
   */
  read(timeoutMs: number, signal: AbortSignal): Promise<string | undefined> {
    const report = () => this.#events.emit({ type: 'waiting', for: 'secret' });
    const read = (ended: AbortSignal) => {
      this.#clock.sleep(silentMs, ended).then(report, () => {});
      return this.#readSecret();
    };
    const onTimeout = () => undefined;
    return withTimeout(this.#clock, timeoutMs, read, onTimeout, signal);
  }
}

import { addMs, msUntil, type Timestamp } from '../clock/timestamp.ts';

const firstBackoffMs = 250;
const maxBackoffMs = 16_000;

/** When the next request is allowed. */
export interface NextRequest {
  /** Undefined when it never had to wait. */
  readonly at: Timestamp | undefined;
  /** How long it has to wait, in milliseconds; 0 or less when it need not. */
  readonly waitMs: number;
  readonly for: 'throttle' | 'retry';
}

/**
 * When this client may send its next token request: the throttle interval, the backoff after failures, and `Retry-After`.
 *
 * The store enforces the interval among all clients. This class enforces it for this client, even when the store fails.
 */
export class RequestBackoff {
  readonly #minIntervalMs: number;
  readonly #random: () => number;
  #intervalEndsAt: Timestamp | undefined;
  #retryAt: Timestamp | undefined;
  #backoffMs = firstBackoffMs;

  constructor(minIntervalMs: number, random: () => number) {
    this.#minIntervalMs = minIntervalMs;
    this.#random = random;
  }

  /** How long the next request has to wait, in milliseconds, and for what; 0 or less when it need not. */
  nextAllowed(now: Timestamp): NextRequest {
    const throttleMs = msUntil(this.#intervalEndsAt, now);
    const retryMs = msUntil(this.#retryAt, now);
    return throttleMs >= retryMs
      ? { at: this.#intervalEndsAt, waitMs: throttleMs, for: 'throttle' }
      : { at: this.#retryAt, waitMs: retryMs, for: 'retry' };
  }

  /** Records that a request has settled. Only settlement bounds when the server counted the request. */
  recordSent(now: Timestamp): void {
    this.#intervalEndsAt = addMs(now, this.#minIntervalMs);
  }

  /** Records a failed request: the next one waits for a backoff that doubles, with jitter, on top of the interval. */
  recordFailure(now: Timestamp): void {
    this.applyRetryAfter(now, this.#backoffMs * (0.75 + this.#random() / 2));
    this.#backoffMs = Math.min(this.#backoffMs * 2, maxBackoffMs);
  }

  /** Postpones the next request, as the server's `Retry-After` says. It never shortens the wait. */
  applyRetryAfter(now: Timestamp, retryAfterMs: number): void {
    const retryAt = addMs(now, retryAfterMs);
    if (msUntil(this.#retryAt, now) < retryAfterMs) this.#retryAt = retryAt;
  }

  recordSuccess(): void {
    this.#retryAt = undefined;
    this.#backoffMs = firstBackoffMs;
  }
}

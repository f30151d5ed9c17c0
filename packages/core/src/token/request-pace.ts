const firstBackoffMs = 250;
const longestBackoffMs = 16_000;

/**
 * When this client may send its next token request, on its own account: the gate, and what failures and `Retry-After` add.
 *
 * The store keeps the gate among clients; this one holds also while the store is away. All times monotonic milliseconds.
 */
export class RequestPace {
  readonly #minIntervalMs: number;
  readonly #random: () => number;
  #gateOpensAt = Number.NEGATIVE_INFINITY;
  #retryAt = Number.NEGATIVE_INFINITY;
  #backoffMs = firstBackoffMs;

  constructor(minIntervalMs: number, random: () => number) {
    this.#minIntervalMs = minIntervalMs;
    this.#random = random;
  }

  get opensAt(): number {
    return Math.max(this.#gateOpensAt, this.#retryAt);
  }

  /** A request was answered, failed or was given up: only now is it certain when the server can have counted it. */
  settle(now: number): void {
    this.#gateOpensAt = now + this.#minIntervalMs;
  }

  /** A request provably never reached the server, which therefore cannot have counted it. */
  backOff(now: number): void {
    this.#retryAt = now + this.#backoffMs * (0.75 + this.#random() / 2);
    this.#backoffMs = Math.min(this.#backoffMs * 2, longestBackoffMs);
  }

  /** The server said how long to stay away; less than the back-off does not shorten it. */
  postpone(now: number, retryAfterMs: number): void {
    this.#retryAt = Math.max(this.#retryAt, now + retryAfterMs);
  }

  succeed(): void {
    this.#retryAt = Number.NEGATIVE_INFINITY;
    this.#backoffMs = firstBackoffMs;
  }
}

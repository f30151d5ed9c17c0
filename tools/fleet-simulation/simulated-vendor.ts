const windowMs = 5_000;

/** The vendor's token endpoint for one credential, with its throttle (F8). */
export class SimulatedVendor {
  readonly #clock: () => number;
  #issuedAt = Number.NEGATIVE_INFINITY;
  issued = 0;
  throttled = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Returns whether a token is issued. Otherwise the response is a 401. */
  request(): boolean {
    const now = this.#clock();
    if (now - this.#issuedAt < windowMs) {
      this.throttled++;
      return false;
    }
    this.#issuedAt = now;
    this.issued++;
    return true;
  }
}

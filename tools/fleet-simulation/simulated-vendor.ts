/** A token as the vendor knows it. */
export interface VendorToken {
  readonly id: number;
  readonly endsAt: number;
}

/** The vendor's token endpoint for one credential, with its throttle (F8). */
export class SimulatedVendor {
  readonly #clock: () => number;
  readonly #lifetimeMs: number;
  #issuedAt = Number.NEGATIVE_INFINITY;
  #revokedBefore = 0;
  issued = 0;
  throttled = 0;

  constructor(clock: () => number, lifetimeMs = 60_000) {
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
  }

  /** Undefined: 401. */
  request(): VendorToken | undefined {
    const now = this.#clock();
    if (now - this.#issuedAt < 5_000) {
      this.throttled++;
      return undefined;
    }
    this.#issuedAt = now;
    return { id: ++this.issued, endsAt: now + this.#lifetimeMs };
  }

  accepts({ id }: VendorToken): boolean {
    return id > this.#revokedBefore;
  }

  revokeAll(): void {
    this.#revokedBefore = this.issued;
  }
}

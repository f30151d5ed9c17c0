/** Counts how long no byte has moved. */
export class Inactivity {
  readonly #countBytes: () => number;
  #limitMs = Number.POSITIVE_INFINITY;
  #bytes = 0;
  #since = 0;

  constructor(countBytes: () => number) {
    this.#countBytes = countBytes;
  }

  /** Begins to count, with another limit than before. */
  start(limitMs: number): void {
    this.#limitMs = limitMs;
    this.#bytes = this.#countBytes();
    this.#since = performance.now();
  }

  /** For what has a limit of its own. */
  stop(): void {
    this.#limitMs = Number.POSITIVE_INFINITY;
  }

  /** Returns whether the limit was reached. Sees only what has moved since the last call, so it has to be called regularly. */
  isTooLong(): boolean {
    const bytes = this.#countBytes();
    if (bytes !== this.#bytes) this.start(this.#limitMs);
    return performance.now() - this.#since >= this.#limitMs;
  }
}

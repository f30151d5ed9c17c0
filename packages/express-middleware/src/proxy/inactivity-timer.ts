/** Expires when no byte has moved for a time, at the earliest, and for twice that time, at the latest. */
export class InactivityTimer {
  readonly #countBytes: () => number;
  readonly #onExpired: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(countBytes: () => number, onExpired: () => void) {
    this.#countBytes = countBytes;
    this.#onExpired = onExpired;
  }

  /** Begins to compare, with another limit than before. */
  start(limitMs: number): void {
    this.stop();
    let last = this.#countBytes();
    this.#timer = setInterval(() => {
      const current = this.#countBytes();
      if (current === last) this.#onExpired();
      last = current;
    }, limitMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

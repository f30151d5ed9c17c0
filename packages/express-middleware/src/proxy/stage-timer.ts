/** Watches one stage of an exchange after the other; a stage ends when nothing has happened for its time. */
export class StageTimer {
  readonly #expired: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(expired: () => void) {
    this.#expired = expired;
  }

  /** Begins a stage, and ends the one before. */
  start(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#expired, ms);
  }

  /** Something has happened. */
  progress(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

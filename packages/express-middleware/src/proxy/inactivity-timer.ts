/**
 * Ends a stage of an exchange when nothing has happened for its time.
 *
 * One timer serves all stages, and reads the clock when it fires, because most exchanges end long before.
 */
export class InactivityTimer {
  readonly #onExpired: () => void;
  #timer: NodeJS.Timeout | undefined;
  #firesAt = 0;
  #limitMs = 0;
  #movedAt = 0;
  #readProgress: () => number = () => 0;
  #progress = 0;

  constructor(onExpired: () => void) {
    this.#onExpired = onExpired;
  }

  /**
   * Begins a stage, and ends the one before.
   *
   * @param readProgress returns a number that changes with progress that {@link recordProgress} is not called for
   */
  start(limitMs: number, readProgress: () => number = () => 0): void {
    this.#limitMs = limitMs;
    this.#readProgress = readProgress;
    this.#progress = readProgress();
    this.#movedAt = performance.now();
    if (this.#timer && this.#movedAt + limitMs >= this.#firesAt) return;
    clearTimeout(this.#timer);
    this.#set(limitMs);
  }

  recordProgress(): void {
    this.#movedAt = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #set(ms: number): void {
    this.#firesAt = performance.now() + ms;
    this.#timer = setTimeout(() => this.#fire(), ms);
  }

  #fire(): void {
    const progress = this.#readProgress();
    if (progress !== this.#progress) this.recordProgress();
    this.#progress = progress;
    const leftMs = this.#movedAt + this.#limitMs - performance.now();
    if (leftMs > 0) this.#set(Math.ceil(leftMs));
    else this.#onExpired();
  }
}

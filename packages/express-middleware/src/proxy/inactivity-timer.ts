/**
 * Watches one stage of an exchange after the other; a stage ends when nothing has happened for its time.
 *
 * One timer is set for all of them, and looks at the clock when it goes off: most exchanges are over long before.
 */
export class InactivityTimer {
  readonly #expired: () => void;
  #timer: NodeJS.Timeout | undefined;
  #goesOffAt = 0;
  #limitMs = 0;
  #movedAt = 0;

  constructor(expired: () => void) {
    this.#expired = expired;
  }

  /** Begins a stage, and ends the one before. */
  start(ms: number): void {
    this.#limitMs = ms;
    this.#movedAt = performance.now();
    if (this.#timer && this.#movedAt + ms >= this.#goesOffAt) return;
    clearTimeout(this.#timer);
    this.#set(ms);
  }

  /** Something has happened. */
  progress(): void {
    this.#movedAt = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #set(ms: number): void {
    this.#goesOffAt = performance.now() + ms;
    this.#timer = setTimeout(() => this.#goOff(), ms);
  }

  #goOff(): void {
    const left = this.#movedAt + this.#limitMs - performance.now();
    if (left > 0) this.#set(Math.ceil(left));
    else this.#expired();
  }
}

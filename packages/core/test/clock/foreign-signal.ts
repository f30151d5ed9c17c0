/** A signal that is no instance of this realm's `AbortSignal`, such as one of a test environment or a polyfill. */
export class ForeignSignal extends EventTarget {
  aborted = false;
  reason: unknown;
  /** How many listeners have been added. */
  listeners = 0;

  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    this.listeners++;
    super.addEventListener(...args);
  }

  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    this.dispatchEvent(new Event('abort'));
  }

  asSignal(): AbortSignal {
    return this as unknown as AbortSignal;
  }
}

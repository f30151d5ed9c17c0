import { addMs, msUntil, type Timestamp } from '../clock/timestamp.ts';
import type { CachedToken } from './cached-token.ts';

/** More than the number of refused tokens that a store may still return. */
const maxValues = 16;
const maxSuspensionMs = 60_000;
/** So many refreshed tokens in a row must be rejected before refreshing is suspended. */
const loopLength = 2;

/**
 * Remembers which tokens the API has refused, and detects rejection loops: an API that refuses each new token must not make the client
 * request one after the other.
 *
 * A loop starts when two refreshed tokens in a row are each rejected within one window of being obtained. The first token that is older
 * than a window when it is rejected ends the series.
 */
export class RejectedTokens {
  readonly #windowMs: number;
  readonly #values = new Set<string>();
  #isRefreshing = false;
  /** The token that replaced a rejected one. */
  #refreshed: CachedToken | undefined;
  /** How many refreshed tokens in a row were rejected within one window. */
  #seriesLength = 0;
  #suspensionMs: number;
  #suspendedUntil: Timestamp | undefined;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
    this.#suspensionMs = windowMs;
  }

  get values(): Iterable<string> {
    return this.#values;
  }

  /** Whether the API has refused this token, so that it must not come back from the store. */
  has(value: string): boolean {
    return this.#values.has(value);
  }

  add(value: string): void {
    const [oldest] = this.#values.add(value);
    if (oldest !== undefined && this.#values.size > maxValues) this.#values.delete(oldest);
  }

  /**
   * Records that the API has refused the held token. Returns `started` when this rejection completes a loop, `ongoing` while refreshing
   * is suspended, and undefined when a new token may be requested.
   */
  detectRejectionLoop(held: CachedToken, now: Timestamp): 'started' | 'ongoing' | undefined {
    const isFirst = !this.has(held.value);
    this.add(held.value);
    if (msUntil(this.#suspendedUntil, now) > 0) return 'ongoing';
    // Rejected again after a suspension: it has been counted.
    if (!isFirst) return undefined;
    const isYoung = msUntil(addMs(held.obtainedAt, this.#windowMs), now) > 0;
    if (!isYoung || this.#refreshed !== held) {
      this.#endSeries();
      return undefined;
    }
    this.#seriesLength++;
    if (this.#seriesLength < loopLength) return undefined;
    this.#suspendedUntil = addMs(now, this.#suspensionMs);
    this.#suspensionMs = Math.min(this.#suspensionMs * 2, maxSuspensionMs);
    return 'started';
  }

  /** Records that the next token that is obtained replaces a rejected one. */
  startRefresh(): void {
    this.#isRefreshing = true;
  }

  /** Records that a token was obtained. */
  finishRefresh(held: CachedToken): void {
    // The endpoint has issued a refused token again: when the API refuses it again, that counts.
    this.#values.delete(held.value);
    this.#refreshed = this.#isRefreshing ? held : undefined;
    // An ordinary refresh in between: refreshed tokens are not refused in a row.
    if (!this.#isRefreshing) this.#endSeries();
    this.#isRefreshing = false;
  }

  #endSeries(): void {
    this.#seriesLength = 0;
    this.#suspensionMs = this.#windowMs;
  }
}

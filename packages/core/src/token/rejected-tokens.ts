import type { HeldToken } from './held-token.ts';

/** Enough for every token that may still be in a store, and too few to weigh anything. */
const mostValues = 16;

/** What the API has refused, and whether it is of use to ask for another token because of that. */
export class RejectedTokens {
  readonly #windowMs: number;
  readonly #values = new Set<string>();
  #fence: number | undefined;
  #isRenewing = false;
  /** The token that a rejection has brought, and when it came. */
  #renewal: { readonly held: HeldToken; readonly at: number } | undefined;
  #stormUntil = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** The fence of the token that was dropped last, while no other one is held. */
  get fence(): number | undefined {
    return this.#fence;
  }

  /** Whether the API has refused it, so that no store may bring it back. */
  has(value: string): boolean {
    return this.#values.has(value);
  }

  add(value: string): void {
    const [oldest] = this.#values.add(value);
    if (oldest !== undefined && this.#values.size > mostValues) this.#values.delete(oldest);
  }

  /**
   * Finds out whether the API refuses even renewed tokens, which must not make us request one after the other: `onset` when
   * this rejection shows it, `lasting` while one before has shown it.
   */
  findStorm(held: HeldToken, now: number): 'onset' | 'lasting' | undefined {
    const isImmediate = this.#renewal?.held === held && now - this.#renewal.at < this.#windowMs;
    if (now < this.#stormUntil) return 'lasting';
    if (!isImmediate) return undefined;
    this.#stormUntil = now + this.#windowMs;
    return 'onset';
  }

  /** Whatever is obtained next is a renewal, of the token with this fence if one was held. */
  awaitRenewal(dropped: HeldToken | undefined): void {
    this.#isRenewing = true;
    if (dropped) this.#fence = dropped.fence;
  }

  /** A token was obtained. */
  take(held: HeldToken, now: number): void {
    this.#renewal = this.#isRenewing ? { held, at: now } : undefined;
    this.#isRenewing = false;
    this.#fence = undefined;
  }

  /** No token is needed any more, nor what is known of the last one. */
  close(): void {
    this.#renewal = undefined;
  }
}

import type { ClaimAnswer, ClaimRequest, StoredToken, StoreKey } from '@instellix/core';

interface Claim {
  readonly fence: number;
  readonly leaseEndsAt: number;
  /** When it was reported to be over; a lease that ran out reports nothing. */
  endedAt?: number;
  /** The request provably never left: the claim counts as if it had never been. */
  isVoid?: boolean;
}

interface Write extends StoredToken {
  readonly token: string;
  readonly at: number;
  isRemoved?: boolean;
}

/** All that has happened at one gate. */
interface History {
  readonly claims: Claim[];
  readonly writes: Write[];
}

/** What a claim must be answered; which fence a grant carries is the store's choice, above `fenceAbove`. */
export type ExpectedAnswer = ClaimAnswer | { readonly outcome: 'granted'; readonly fenceAbove: number };

/**
 * What a store must answer, derived each time from the whole history, so that nothing in here can be stale. Times are
 * milliseconds of the store's clock.
 */
export class StoreModel {
  #gates = new Map<string, History>();
  /** For each gate; what was granted stays granted when the store loses its data. */
  readonly #highestFences = new Map<string, number>();

  read(key: StoreKey, now: number): StoredToken | undefined {
    const write = this.#historyOf(key).writes.findLast(({ token }) => token === key.token);
    if (!write || write.isRemoved || write.at + write.remainingMs <= now) return undefined;
    return { sealed: write.sealed, fence: write.fence, remainingMs: write.at + write.remainingMs - now };
  }

  /** The answer that is due; a grant takes effect with {@link grant}. */
  expectClaim(key: StoreKey, request: ClaimRequest, now: number): ExpectedAnswer {
    const token = this.read(key, now);
    // Invariant 4: reading again and claiming are one step, and the token to be replaced is never the answer.
    if (token && token.fence !== request.knownFence && token.remainingMs > request.minRemainingMs) {
      return { outcome: 'found', token };
    }
    const { claims } = this.#historyOf(key);
    // Invariants 1 and 3: one open claim, whose lease ends by time.
    const open = claims.find((claim) => claim.endedAt === undefined && !claim.isVoid && now < claim.leaseEndsAt);
    if (open) return { outcome: 'wait', because: 'held', waitMs: open.leaseEndsAt - now };
    // Invariants 1 and 5: the interval is the asker's, and counts from every claim that may have reached the server.
    const ends = claims.filter(({ isVoid }) => !isVoid).map(({ endedAt, leaseEndsAt }) => endedAt ?? leaseEndsAt);
    const opensAt = Math.max(...ends) + request.minIntervalMs;
    if (now < opensAt) return { outcome: 'wait', because: 'closed', waitMs: opensAt - now };
    // Invariant 2: also above whatever was granted before the data were lost.
    return { outcome: 'granted', fenceAbove: this.#highestFences.get(key.gate) ?? 0 };
  }

  grant(key: StoreKey, fence: number, request: ClaimRequest, now: number): void {
    this.#historyOf(key).claims.push({ fence, leaseEndsAt: now + request.leaseMs });
    this.#highestFences.set(key.gate, fence);
  }

  commit(key: StoreKey, { sealed, fence, remainingMs }: StoredToken, now: number): boolean {
    const { writes } = this.#historyOf(key);
    if (writes.some((write) => write.fence > fence)) return false;
    writes.push({ sealed, fence, remainingMs, token: key.token, at: now });
    this.#settle(key, fence, now);
    return true;
  }

  release(key: StoreKey, fence: number, requestSent: boolean, now: number): void {
    const claim = this.#historyOf(key).claims.findLast((candidate) => candidate.fence === fence);
    if (requestSent) this.#settle(key, fence, now);
    else if (claim && claim.endedAt === undefined && now < claim.leaseEndsAt) claim.isVoid = true;
  }

  remove(key: StoreKey, fence: number): void {
    const write = this.#historyOf(key).writes.findLast(({ token }) => token === key.token);
    if (write?.fence === fence) write.isRemoved = true;
  }

  loseData(): void {
    this.#gates = new Map();
  }

  #settle(key: StoreKey, fence: number, now: number): void {
    const { claims } = this.#historyOf(key);
    if (claims.some((claim) => claim.fence > fence)) return;
    claims.push({ fence, leaseEndsAt: now, endedAt: now });
    for (const claim of claims) claim.endedAt ??= Math.min(now, claim.leaseEndsAt);
  }

  #historyOf({ gate }: StoreKey): History {
    const history = this.#gates.get(gate) ?? { claims: [], writes: [] };
    this.#gates.set(gate, history);
    return history;
  }
}

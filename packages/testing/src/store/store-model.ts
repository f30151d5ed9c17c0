import type { ClaimRequest, ClaimResult, StoredToken, StoreKey } from '@instellix/core/store';

/** The times of both clocks of the store's machine, in milliseconds. */
export interface ClockReading {
  readonly wall: number;
  readonly monotonic: number;
}

interface Claim {
  readonly fence: number;
  readonly grantedAt: ClockReading;
  readonly leaseMs: number;
  /** When the end of the request was reported. Undefined when the lease ended, or will end, the claim. */
  endedAt?: ClockReading;
  /** The request was never sent: the claim does not count. */
  isVoid?: boolean;
}

interface Write extends StoredToken {
  readonly token: string;
  readonly at: ClockReading;
  isRemoved?: boolean;
  hasExpired?: boolean;
}

/** Everything that has happened at one gate. */
interface History {
  readonly claims: Claim[];
  readonly writes: Write[];
}

/** The required result of a claim. The store chooses the fence of a grant, above `fenceAbove`. */
export type ExpectedResult = ClaimResult | { readonly outcome: 'granted'; readonly fenceAbove: number };

/** How much time has passed: the clock that has advanced further counts. */
function elapsedMs(since: ClockReading, now: ClockReading): number {
  return Math.max(now.wall - since.wall, now.monotonic - since.monotonic);
}

/**
 * Derives the required results from the whole history each time, so that no derived state can be wrong. Shares no code with the
 * stores.
 */
export class StoreModel {
  #gates = new Map<string, History>();
  /** For each gate. Kept when the store loses its data, because fences must increase nevertheless. */
  readonly #highestFences = new Map<string, number>();

  read(key: StoreKey, now: ClockReading): StoredToken | undefined {
    const write = this.#lastWrite(key);
    if (!write || write.isRemoved) return undefined;
    const remainingMs = write.remainingMs - elapsedMs(write.at, now);
    if (remainingMs > 0) return { ciphertext: write.ciphertext, fence: write.fence, remainingMs };
    write.hasExpired = true;
    return undefined;
  }

  /**
   * Records that the store does not return a token that is alive. That is allowed when the token had expired before because the wall
   * clock was set forward, and was dropped before the clock was set back.
   */
  recordMissing(key: StoreKey): void {
    const write = this.#lastWrite(key);
    if (write?.hasExpired) write.isRemoved = true;
  }

  /** Returns the required result. A grant takes effect with {@link grant}. */
  expectClaim(key: StoreKey, request: ClaimRequest, now: ClockReading): ExpectedResult {
    const { knownFence = 0, minRemainingMs, minIntervalMs } = request;
    const token = this.read(key, now);
    // Invariant 4: only a token that is newer than the known one is returned.
    if (token && token.fence > knownFence && token.remainingMs > minRemainingMs) return { outcome: 'found', token };
    const last = this.#historyOf(key).claims.findLast(({ isVoid }) => !isVoid);
    if (last) {
      // Invariants 1 and 3: one claim is open at a time, and its lease ends it.
      const leftMs = last.endedAt ? 0 : last.leaseMs - elapsedMs(last.grantedAt, now);
      if (leftMs > 0) return { outcome: 'wait', because: 'held', waitMs: leftMs };
      // Invariants 1 and 5: the interval of this claimant has passed since the last claim that may have reached the server.
      const closedMs = last.endedAt ? elapsedMs(last.endedAt, now) : -leftMs;
      const waitMs = minIntervalMs - closedMs;
      if (waitMs > 0) return { outcome: 'wait', because: 'closed', waitMs };
    }
    // Invariant 2: also above every fence that was granted before the data were lost.
    return { outcome: 'granted', fenceAbove: Math.max(this.highestFence(key), knownFence) };
  }

  highestFence({ gate }: StoreKey): number {
    return this.#highestFences.get(gate) ?? 0;
  }

  grant(key: StoreKey, fence: number, { leaseMs }: ClaimRequest, now: ClockReading): void {
    this.#historyOf(key).claims.push({ fence, grantedAt: now, leaseMs });
    this.#highestFences.set(key.gate, fence);
  }

  commit(key: StoreKey, { ciphertext, fence, remainingMs }: StoredToken, now: ClockReading): void {
    const { writes } = this.#historyOf(key);
    if (writes.some((write) => write.fence > fence)) return;
    writes.push({ ciphertext, fence, remainingMs, token: key.token, at: now });
    this.#recordSent(key, fence, now);
  }

  release(key: StoreKey, fence: number, requestSent: boolean, now: ClockReading): void {
    const latest = this.#historyOf(key).claims.at(-1);
    if (requestSent) this.#recordSent(key, fence, now);
    else if (latest?.fence === fence && !latest.endedAt && elapsedMs(latest.grantedAt, now) < latest.leaseMs) {
      latest.isVoid = true;
    }
  }

  remove(key: StoreKey, fence: number): void {
    const write = this.#lastWrite(key);
    if (write?.fence === fence) write.isRemoved = true;
  }

  loseData(): void {
    this.#gates = new Map();
  }

  #recordSent(key: StoreKey, fence: number, now: ClockReading): void {
    const { claims } = this.#historyOf(key);
    if (claims.some((claim) => claim.fence > fence)) return;
    claims.push({ fence, grantedAt: now, leaseMs: 0, endedAt: now });
  }

  #lastWrite(key: StoreKey): Write | undefined {
    return this.#historyOf(key).writes.findLast(({ token }) => token === key.token);
  }

  #historyOf({ gate }: StoreKey): History {
    const history = this.#gates.get(gate) ?? { claims: [], writes: [] };
    this.#gates.set(gate, history);
    return history;
  }
}

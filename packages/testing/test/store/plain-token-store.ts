import type { ClaimRequest, ClaimResult, Clock, StoredToken, StoreKey, TokenStore } from '@instellix/core/store';
import type { StoreFlaw } from './store-flaws.ts';

/** What a {@link plainTokenStore} keeps; one object for all its handles. */
export class PlainStoreData {
  readonly gates = new Map<string, PlainGate>();
  readonly tokens = new Map<string, PlainToken>();
  readonly committedFences = new Map<string, number>();
}

/** The times of both clocks. */
interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

interface PlainGate {
  fence: number;
  /** Whether the latest claim was granted, and its end was not reported. */
  isOpen: boolean;
  grantedAt: Moment;
  /** When the latest claim ended; while it is open, when its lease ends. */
  endsAt: Moment;
  /** When the claim before the latest ended. */
  endedBefore: Moment;
  intervalMs: number;
}

interface PlainToken extends StoredToken {
  readonly endsAt: Moment;
}

const longAgo: Moment = { wall: Number.NEGATIVE_INFINITY, monotonic: Number.NEGATIVE_INFINITY };

/** A simple store in memory, in which each rule of the contract can be broken. */
export function plainTokenStore(
  data: PlainStoreData,
  clock: Pick<Clock, 'now' | 'monotonic'>,
  flaw?: StoreFlaw,
): TokenStore {
  const has = (...flaws: StoreFlaw[]) => flaw !== undefined && flaws.includes(flaw);
  const readClocks = (): Moment => ({ wall: clock.now(), monotonic: clock.monotonic() });
  const after = ({ wall, monotonic }: Moment, ms: number): Moment => ({ wall: wall + ms, monotonic: monotonic + ms });
  const msUntil = (moment: Moment) => {
    const wallMs = moment.wall - clock.now();
    const monotonicMs = moment.monotonic - clock.monotonic();
    if (has('reads the wall clock only')) return wallMs;
    if (has('reads the monotonic clock only')) return monotonicMs;
    return has('uses the clock that has advanced less') ? Math.max(wallMs, monotonicMs) : Math.min(wallMs, monotonicMs);
  };
  const gateName = ({ gate, token }: StoreKey) => {
    if (has('confuses gates')) return 'the gate';
    if (has('keeps a gate for each token')) return JSON.stringify([gate, token]);
    return has('ignores the case of keys') ? gate.toLowerCase() : gate;
  };
  const tokenName = ({ gate, token }: StoreKey) => {
    if (has('confuses the tokens of a gate')) return gate;
    if (has('joins keys with a colon')) return `${gate}:${token}`;
    const name = JSON.stringify([gate, token]);
    return has('ignores the case of keys') ? name.toLowerCase() : name;
  };

  function find(key: StoreKey): StoredToken | undefined {
    const token = data.tokens.get(tokenName(key));
    if (!token || (msUntil(token.endsAt) <= 0 && !has('keeps expired tokens'))) return undefined;
    const remainingMs = has('repeats the lifetime that was written') ? token.remainingMs : msUntil(token.endsAt);
    return { ciphertext: token.ciphertext, fence: token.fence, remainingMs };
  }

  function gateOf(key: StoreKey): PlainGate {
    const name = gateName(key);
    const created = {
      fence: 0,
      isOpen: false,
      grantedAt: longAgo,
      endsAt: longAgo,
      endedBefore: longAgo,
      intervalMs: 0,
    };
    const gate = data.gates.get(name) ?? created;
    data.gates.set(name, gate);
    return gate;
  }

  const isHeld = (gate: PlainGate) => msUntil(gate.endsAt) > 0 || (gate.isOpen && has('never ends a lease'));

  function nextFence(gate: PlainGate, knownFence = 0): number {
    const last = has('takes fences from the clock only') ? 0 : gate.fence;
    const known = has('takes fences below the known one') ? 0 : knownFence;
    return Math.max(last + 1, known + 1, has('starts fences at one') ? 0 : Math.floor(clock.now()));
  }

  /** Ends a claim whose request was sent. */
  function end(gate: PlainGate, fence: number, leavesOpen: boolean): void {
    if (fence < gate.fence) {
      if (has('lets anyone end a claim')) gate.endsAt = gate.endedBefore;
      if (has('lets late reports change the gate')) gate.endsAt = readClocks();
      return;
    }
    const wasHeld = isHeld(gate);
    if (!wasHeld && has('ignores late reports')) return;
    if (!has('forgets the fences of commits')) gate.fence = fence;
    gate.isOpen = false;
    if (leavesOpen) gate.endsAt = gate.endedBefore;
    else gate.endsAt = wasHeld && has('counts the interval from the grant') ? gate.grantedAt : readClocks();
  }

  function findForClaim(key: StoreKey, { knownFence = 0, minRemainingMs }: ClaimRequest): StoredToken | undefined {
    const token = find(key);
    if (!token || has('claims without reading again')) return undefined;
    if (token.fence === knownFence && !has('returns the token to be replaced')) return undefined;
    if (token.fence < knownFence && !has('returns a token older than the known one')) return undefined;
    if (token.remainingMs <= minRemainingMs && !has('returns a token about to expire')) return undefined;
    return token;
  }

  function findWait(gate: PlainGate, request: ClaimRequest): ClaimResult | undefined {
    if (has('grants every claim')) return undefined;
    const leftMs = msUntil(gate.endsAt);
    if (isHeld(gate)) {
      if (has('grants while a claim is open')) return undefined;
      return { outcome: 'wait', because: has('returns closed for held') ? 'closed' : 'held', waitMs: leftMs };
    }
    if (gate.isOpen && has('leaves the gate open after a lease')) return undefined;
    const waitMs = leftMs + (has('keeps the interval of the last grant') ? gate.intervalMs : request.minIntervalMs);
    if (waitMs <= 0) return undefined;
    const because = has('returns held for closed') ? 'held' : 'closed';
    return { outcome: 'wait', because, waitMs: has('returns a shorter wait') ? waitMs / 2 : waitMs };
  }

  return {
    read: async (key) => find(key),
    async claim(key, request) {
      const token = findForClaim(key, request);
      if (token && !has('claims although it has found a token')) return { outcome: 'found', token };
      const gate = gateOf(key);
      const wait = findWait(gate, request);
      if (has('reads, waits, then claims')) await Promise.resolve();
      if (wait) return wait;
      gate.fence = nextFence(gate, request.knownFence);
      gate.isOpen = true;
      gate.grantedAt = readClocks();
      gate.endedBefore = gate.endsAt;
      gate.endsAt = after(gate.grantedAt, request.leaseMs);
      gate.intervalMs = request.minIntervalMs;
      return token ? { outcome: 'found', token } : { outcome: 'granted', fence: gate.fence };
    },
    async commit(key, { ciphertext, remainingMs, fence }) {
      const gate = gateOf(key);
      const name = has('compares fences for each token') ? tokenName(key) : gateName(key);
      const committed = has('compares fences with the stored token only')
        ? find(key)?.fence
        : data.committedFences.get(name);
      const isLate = fence < (committed ?? 0);
      if (has('lets a refused commit close the gate') && isLate) gate.endsAt = readClocks();
      if (isLate && !has('accepts every commit')) return;
      if (has('refuses late commits') && !isHeld(gate)) return;
      if (has('refuses a repeated commit') && fence === committed) return;
      if (has('ignores the commit of a token that lives 0 ms') && remainingMs === 0) return;
      data.committedFences.set(name, fence);
      end(gate, fence, has('leaves the gate open after a commit'));
      if (has('forgets every token')) return;
      const value = has('trims ciphertexts') ? ciphertext.trim() : ciphertext;
      data.tokens.set(tokenName(key), {
        ciphertext: value,
        fence,
        remainingMs,
        endsAt: after(readClocks(), remainingMs),
      });
    },
    async release(key, fence, requestSent) {
      const gate = gateOf(key);
      if (requestSent) return end(gate, fence, has('leaves the gate open after a failed request'));
      if (has('accepts a late report that nothing was sent') && !isHeld(gate)) gate.endsAt = longAgo;
      if (!isHeld(gate) || (fence !== gate.fence && !has('lets anyone end a claim'))) return;
      gate.isOpen = false;
      gate.endsAt = gate.endedBefore;
      if (has('closes the gate when nothing was sent')) gate.endsAt = readClocks();
      if (has('opens the gate when nothing was sent')) gate.endsAt = longAgo;
    },
    async remove(key, fence) {
      if (has('throws for unknown tokens') && !find(key)) throw new Error('no such token');
      if (has('opens the gate when a token is removed')) data.gates.delete(gateName(key));
      if (has('removes any token') || data.tokens.get(tokenName(key))?.fence === fence)
        data.tokens.delete(tokenName(key));
    },
  };
}

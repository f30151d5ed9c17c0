import type { ClaimAnswer, ClaimRequest, Clock, StoredToken, StoreKey, TokenStore } from '@instellix/core';
import type { StoreFlaw } from './store-flaws.ts';

/** What a {@link plainTokenStore} keeps; one object for all its handles. */
export class PlainStoreData {
  readonly gates = new Map<string, PlainGate>();
  readonly tokens = new Map<string, PlainToken>();
  readonly committedFences = new Map<string, number>();
}

interface PlainGate {
  fence: number;
  open: { readonly since: number; readonly until: number } | undefined;
  closedSince: number;
  intervalMs: number;
}

interface PlainToken extends StoredToken {
  readonly endsAt: number;
}

/** A store as one would write it on an afternoon, in which each rule can be broken. */
export function plainTokenStore(data: PlainStoreData, clock: Clock, flaw?: StoreFlaw): TokenStore {
  const has = (...flaws: StoreFlaw[]) => flaw !== undefined && flaws.includes(flaw);
  const time = () => (has('trusts the wall clock') ? clock.now() : clock.monotonic());
  const gateName = ({ gate, token }: StoreKey) => {
    if (has('mixes up gates')) return 'the gate';
    if (has('keeps a gate for each token')) return JSON.stringify([gate, token]);
    return has('folds the case of keys') ? gate.toLowerCase() : gate;
  };
  const tokenName = ({ gate, token }: StoreKey) => {
    if (has('mixes up the tokens of a gate')) return gate;
    if (has('joins keys with a colon')) return `${gate}:${token}`;
    const name = JSON.stringify([gate, token]);
    return has('folds the case of keys') ? name.toLowerCase() : name;
  };

  function find(key: StoreKey): StoredToken | undefined {
    const token = data.tokens.get(tokenName(key));
    if (!token || (token.endsAt <= time() && !has('keeps ended tokens'))) return undefined;
    const remainingMs = has('repeats the lifetime that was written') ? token.remainingMs : token.endsAt - time();
    return { sealed: token.sealed, fence: token.fence, remainingMs };
  }

  function gateOf(key: StoreKey): PlainGate {
    const name = gateName(key);
    const never = Number.NEGATIVE_INFINITY;
    const gate = data.gates.get(name) ?? { fence: 0, open: undefined, closedSince: never, intervalMs: 0 };
    data.gates.set(name, gate);
    if (gate.open && gate.open.until <= time() && !has('never ends a lease')) endLease(gate, gate.open.until);
    return gate;
  }

  function endLease(gate: PlainGate, until: number): void {
    gate.open = undefined;
    if (!has('leaves the gate open after a lease')) gate.closedSince = until;
  }

  function nextFence(gate: PlainGate): number {
    const last = has('takes fences from the clock alone') ? 0 : gate.fence;
    return Math.max(last + 1, has('starts fences at one') ? 0 : Math.floor(clock.now()));
  }

  /** A request was sent under this fence, and is over. */
  function settle(gate: PlainGate, fence: number, leavesOpen: boolean): void {
    const { open } = gate;
    if (fence < gate.fence) {
      if (has('lets anyone end a claim')) gate.open = undefined;
      if (has('lets late reports move the gate')) gate.closedSince = time();
      return;
    }
    if (!open && has('ignores late reports')) return;
    if (!has('forgets fences it was told of')) gate.fence = fence;
    gate.open = undefined;
    if (!leavesOpen) gate.closedSince = open && has('counts the interval from the grant') ? open.since : time();
  }

  function findForClaim(key: StoreKey, request: ClaimRequest): StoredToken | undefined {
    const token = find(key);
    if (!token || has('claims without reading again')) return undefined;
    if (token.fence === request.knownFence && !has('answers with the token to be replaced')) return undefined;
    if (token.remainingMs <= request.minRemainingMs && !has('answers with a token about to end')) return undefined;
    return token;
  }

  function findWait(gate: PlainGate, request: ClaimRequest): ClaimAnswer | undefined {
    if (has('grants every claim')) return undefined;
    if (gate.open && !has('grants while a claim is open')) {
      const because = has('says closed for held') ? 'closed' : 'held';
      return { outcome: 'wait', because, waitMs: gate.open.until - time() };
    }
    const intervalMs = has('keeps the interval of the last grant') ? gate.intervalMs : request.minIntervalMs;
    const waitMs = gate.closedSince + intervalMs - time();
    if (waitMs <= 0) return undefined;
    const because = has('says held for closed') ? 'held' : 'closed';
    return { outcome: 'wait', because, waitMs: has('says a shorter wait') ? waitMs / 2 : waitMs };
  }

  return {
    read: async (key) => find(key),
    async claim(key, request) {
      const token = findForClaim(key, request);
      if (token && !has('claims what it has found')) return { outcome: 'found', token };
      const gate = gateOf(key);
      const wait = findWait(gate, request);
      if (has('looks, waits, then claims')) await Promise.resolve();
      if (wait) return wait;
      gate.fence = nextFence(gate);
      gate.open = { since: time(), until: time() + request.leaseMs };
      gate.intervalMs = request.minIntervalMs;
      return token ? { outcome: 'found', token } : { outcome: 'granted', fence: gate.fence };
    },
    async commit(key, { sealed, remainingMs, fence }) {
      const gate = gateOf(key);
      const name = has('compares fences for each token') ? tokenName(key) : gateName(key);
      const committed = has('compares fences with the stored token only')
        ? find(key)?.fence
        : data.committedFences.get(name);
      const isLate = fence < (committed ?? 0);
      if (has('lets a refused commit close the gate') && isLate) gate.closedSince = time();
      if (isLate && !has('takes every commit')) return false;
      if (has('refuses late commits') && !gate.open) return false;
      if (has('refuses a repeated commit') && fence === committed) return false;
      if (has('loses a token that lives 0 ms together with its claim') && remainingMs === 0) return true;
      data.committedFences.set(name, fence);
      settle(gate, fence, has('leaves the gate open after a commit'));
      if (has('forgets every token')) return true;
      const value = has('trims what is sealed') ? sealed.trim() : sealed;
      data.tokens.set(tokenName(key), { sealed: value, fence, remainingMs, endsAt: time() + remainingMs });
      return true;
    },
    async release(key, fence, requestSent) {
      const gate = gateOf(key);
      if (requestSent) return settle(gate, fence, has('leaves the gate open after a failed request'));
      if (has('believes a late denial') && !gate.open) gate.closedSince = Number.NEGATIVE_INFINITY;
      if (!gate.open || (fence !== gate.fence && !has('lets anyone end a claim'))) return;
      gate.open = undefined;
      if (has('closes the gate on a request never sent')) gate.closedSince = time();
      if (has('opens the gate on a request never sent')) gate.closedSince = Number.NEGATIVE_INFINITY;
    },
    async remove(key, fence) {
      if (has('throws at what it does not know') && !find(key)) throw new Error('no such token');
      if (has('opens the gate when a token is removed')) data.gates.delete(gateName(key));
      if (has('removes whatever is there') || find(key)?.fence === fence) data.tokens.delete(tokenName(key));
    },
  };
}

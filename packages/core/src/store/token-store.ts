/**
 * Names one credential's places in a store.
 *
 * Both are digests: they tell nothing about the credential. A clustered store keeps both in one slot by deriving it from
 * `gate`.
 */
export interface StoreKey {
  /** Token URL, realm and client id: all that the vendor's throttle tells apart. */
  readonly gate: string;
  /** The same with scope and secret: whom the token belongs to. */
  readonly token: string;
}

/** A token as a store keeps it. */
export interface StoredToken {
  /** The sealed token; means nothing to the store. */
  readonly sealed: string;
  /** How long it still lives by the store's own clock, milliseconds; never a point in time, which would need two clocks. */
  readonly remainingMs: number;
  /** The fencing number of the claim that wrote it, a safe integer. */
  readonly fence: number;
}

/** Asks for the right to make the next token request. */
export interface ClaimRequest {
  /** No grant sooner than this after the end of the previous claim of the same gate, milliseconds. */
  readonly minIntervalMs: number;
  /** How long the right lasts unless it is ended before, milliseconds. */
  readonly leaseMs: number;
  /** The fence of the token that the asker has already and wants replaced: it is never the answer. */
  readonly knownFence?: number | undefined;
  /** A stored token that lives no longer than this is not worth an answer, milliseconds. */
  readonly minRemainingMs: number;
}

/** What a store answers to a claim. */
export type ClaimAnswer =
  /** Make the request; end the claim with `commit` or `release` under this fence. */
  | { readonly outcome: 'granted'; readonly fence: number }
  /** No request is needed: here is a token that the asker did not know. */
  | { readonly outcome: 'found'; readonly token: StoredToken }
  /**
   * Not now. `closed`: the gate opens after `waitMs`, nothing happens before.
   * `held`: someone else is asking; a token may be there any moment, the lease ends after `waitMs`.
   */
  | { readonly outcome: 'wait'; readonly waitMs: number; readonly because: 'closed' | 'held' };

/**
 * Where tokens are kept and the right to request them is handed out; memory, a machine's disk, a fleet's Redis.
 *
 * Every method is atomic, measures time by one clock of the store's own, and may reject: a store that fails or takes too
 * long costs a cached token, never a call. `docs/decisions/0002-claims-leases-and-fences.md` tells why it has this form.
 */
export interface TokenStore {
  /** Reads the token, or undefined when there is none or it has ended. */
  read(key: StoreKey): Promise<StoredToken | undefined>;
  /**
   * Looks for a usable token and, when there is none, claims the next token request, in one step. A usable token is the
   * answer whatever the gate is, and a claim that is open is `held` also for its own holder.
   *
   * Fences are above every one that the gate has granted or been told of, also after the store has lost its data: they
   * start from its clock, at `max(last + 1, epoch milliseconds)`.
   */
  claim(key: StoreKey, request: ClaimRequest): Promise<ClaimAnswer>;
  /**
   * Writes the token, ends the claim of its fence and closes the gate from now on. Answers false, and changes nothing,
   * when a higher fence has been committed for this gate, whatever became of that token: a late writer must not
   * overwrite a newer token.
   *
   * Once a newer claim has been granted, gate and claim are left alone. A fence that the store does not know is one from
   * before it lost its data, and counts like the latest. A token that lives 0 ms is written as no token.
   */
  commit(key: StoreKey, token: StoredToken): Promise<boolean>;
  /**
   * Ends the claim of this fence without a token. `requestSent` true: the gate is closed from now on, by the rules of
   * `commit`. False: the request provably never reached the server, so the gate is as it was before the claim; when the
   * claim has ended already, nothing changes.
   */
  release(key: StoreKey, fence: number, requestSent: boolean): Promise<void>;
  /** Removes the token, if it still is the one of this fence. */
  remove(key: StoreKey, fence: number): Promise<void>;
}

/**
 * The two keys of one credential in a store. Both are digests that reveal nothing about the credential.
 *
 * A clustered store derives the slot from `gate`, so that both keys lie in the same one.
 */
export interface StoreKey {
  /** Token URL, realm and client id: what the vendor's throttle counts. */
  readonly gate: string;
  /** The same with scope and secret: the owner of the token. */
  readonly token: string;
}

/** A token as a store keeps it. */
export interface StoredToken {
  /** The encrypted token, opaque to the store. */
  readonly ciphertext: string;
  /** The remaining lifetime on the store's own clock, in milliseconds. A point in time would compare two clocks. */
  readonly remainingMs: number;
  /** The fencing number of the claim that wrote the token; a safe integer. */
  readonly fence: number;
}

/** A request for the right to make the next token request. */
export interface ClaimRequest {
  /** The minimum time between the end of the previous claim of the gate and this grant, in milliseconds. */
  readonly minIntervalMs: number;
  /** How long the grant lasts unless `commit` or `release` ends it earlier, in milliseconds. */
  readonly leaseMs: number;
  /** The fence of the token that the claimant wants to replace. Only a token with a higher fence is returned. */
  readonly knownFence?: number | undefined;
  /** A stored token is returned only if it lives longer than this, in milliseconds. */
  readonly minRemainingMs: number;
}

/** The outcome of a claim. */
export type ClaimResult =
  /** Make the request, then end the claim with `commit` or `release` and this fence. */
  | { readonly outcome: 'granted'; readonly fence: number }
  /** No request is needed: the store holds a newer token. */
  | { readonly outcome: 'found'; readonly token: StoredToken }
  /**
   * `closed`: the gate opens after `waitMs`, and nothing changes before.
   * `held`: another claim is open and may bring a token at any moment; its lease ends after `waitMs`.
   */
  | { readonly outcome: 'wait'; readonly waitMs: number; readonly because: 'closed' | 'held' };

/**
 * Keeps tokens, and grants the right to request new ones: in memory, on a machine's disk, in a fleet's Redis.
 *
 * Every method is atomic, measures time on the store's own clock, and may reject. A store that fails or takes longer than 250 ms
 * costs a cached token, never a call. `createTokenStore` implements all five methods over a record that can be loaded and saved.
 */
export interface TokenStore {
  /** Returns the token, or undefined when there is none or it has expired. */
  read(key: StoreKey): Promise<StoredToken | undefined>;
  /**
   * Returns a newer token or, when there is none, claims the next token request, in one step. A newer token is returned whether or
   * not the gate is open. An open claim is `held` for its own holder, too.
   *
   * Each grant has a higher fence than every one that the gate has granted or that was reported to it, and than `knownFence`, even after the
   * store has lost its data: the fence is at least the store's clock in epoch milliseconds.
   */
  claim(key: StoreKey, request: ClaimRequest): Promise<ClaimResult>;
  /**
   * Writes the token, ends the claim with its fence, and closes the gate from now on.
   *
   * Changes nothing when a higher fence has been committed for this gate, whatever became of that token: a late writer must not
   * overwrite a newer token. When a newer claim has been granted, the token is written, and claim and gate stay as they are. A fence
   * that the store does not know is from before it lost its data, and counts as the latest. A token with 0 ms left is written as no
   * token.
   */
  commit(key: StoreKey, token: StoredToken): Promise<void>;
  /**
   * Ends the claim with this fence without a token. `requestSent` true: the gate is closed from now on, by the rules of `commit`.
   * False: the request provably never reached the server, so the gate is as it was before the claim; when the claim has already
   * ended, nothing changes.
   */
  release(key: StoreKey, fence: number, requestSent: boolean): Promise<void>;
  /** Removes the token if it still has this fence. */
  remove(key: StoreKey, fence: number): Promise<void>;
}

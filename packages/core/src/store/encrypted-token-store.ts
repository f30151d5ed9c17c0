import type { Clock } from '../clock/clock.ts';
import { within } from '../clock/with-timeout.ts';
import { type CredentialIdentity, createTokenSeal, type SealedContent, type TokenSeal } from './token-cipher.ts';
import type { StoredToken, TokenStore } from './token-store.ts';

/** A token from the store, opened. */
export interface VaultToken extends SealedContent {
  /**
   * When it ends, monotonic milliseconds. Counted from before the store was asked: a slow answer must not lengthen the
   * token's life.
   */
  readonly endsAt: number;
  readonly fence: number;
}

/** Which token of the store would be of use. */
export interface VaultNeed {
  /** The fence of the token that is to be replaced. */
  readonly knownFence: number | undefined;
  /** It must live longer than this, milliseconds. */
  readonly minRemainingMs: number;
  /** Judges an opened token: one that the API has refused, or that is about to end by now, is of no use. */
  readonly isUseful: (token: VaultToken) => boolean;
}

/** How long a claim is wanted for, and how far it keeps from the one before, milliseconds. */
export interface ClaimTerms {
  readonly minIntervalMs: number;
  readonly leaseMs: number;
}

/** The answer to a claim; without a fence, the store has failed and the asker works on its own. */
export type VaultAnswer =
  | { readonly outcome: 'granted'; readonly fence: number | undefined }
  | { readonly outcome: 'found'; readonly token: VaultToken }
  | { readonly outcome: 'wait'; readonly waitMs: number; readonly because: 'closed' | 'held' };

/** A store that insists on tokens of no use would keep us for ever; without it we get on. */
const mostLooks = 3;
/** The longest a store may take before it counts as failed, milliseconds. */
const longestAnswerMs = 250;
/**
 * It is waited for in so many parts. A process that gets no processor for a while finds its timer and the store's answer due
 * at the same moment; between two parts it sees the answer, and does not take its own standstill for the store's. On a machine
 * that is busy all the time, each part is late, and the store, which has to share the processors, too, has that much longer.
 */
const answerParts = 25;

/**
 * One credential's tokens in a store: sealed on the way in, opened on the way out.
 *
 * The store cannot disturb: an operation that fails, takes too long or answers nonsense is reported and has no result.
 */
export class TokenVault {
  readonly #store: TokenStore;
  readonly #clock: Clock;
  readonly #identity: CredentialIdentity;
  readonly #onFailure: (operation: string, timedOut: boolean) => void;
  readonly #createSeal: typeof createTokenSeal;
  #sealed: { readonly secret: string; readonly seal: TokenSeal | undefined } | undefined;

  constructor(
    store: TokenStore,
    clock: Clock,
    identity: CredentialIdentity,
    onFailure: (operation: string, timedOut: boolean) => void,
    createSeal: typeof createTokenSeal = createTokenSeal,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#identity = identity;
    this.#onFailure = onFailure;
    this.#createSeal = createSeal;
  }

  /** Takes the secret that the next operations are for. Cheap when it has not changed. */
  async useSecret(secret: string): Promise<void> {
    if (this.#sealed?.secret === secret) return;
    try {
      this.#sealed = { secret, seal: await this.#createSeal(this.#identity, secret) };
    } catch {
      // No WebCrypto (a page that is not a secure context): nothing can be shared, everything else works.
      this.#sealed = { secret, seal: undefined };
      this.#onFailure('seal', false);
    }
  }

  read(need: VaultNeed): Promise<VaultToken | undefined> {
    return this.#guard('read', async (store, seal) => {
      const askedAt = this.#clock.monotonic();
      const stored = await store.read(seal.key);
      return stored ? openToken(seal, stored, need, askedAt) : undefined;
    });
  }

  async claim(need: VaultNeed, terms: ClaimTerms): Promise<VaultAnswer> {
    const answer = await this.#guard(
      'claim',
      (store, seal) => claimFrom(this.#clock, store, seal, need, terms),
      // Nobody waits for it any more: handed back, so that nobody waits for the end of its lease either.
      (late) => late.outcome === 'granted' && this.release(late.fence, true),
    );
    return answer ?? { outcome: 'granted', fence: undefined };
  }

  async commit(fence: number | undefined, content: SealedContent, remainingMs: number): Promise<void> {
    if (fence === undefined) return;
    await this.#guard('commit', async (store, seal) =>
      store.commit(seal.key, { ciphertext: await seal.seal(content), remainingMs, fence }),
    );
  }

  async release(fence: number | undefined, requestSent: boolean): Promise<void> {
    if (fence !== undefined) await this.#guard('release', (store, { key }) => store.release(key, fence, requestSent));
  }

  async remove(fence: number | undefined): Promise<void> {
    if (fence !== undefined) await this.#guard('remove', (store, { key }) => store.remove(key, fence));
  }

  async #guard<T>(
    operation: string,
    run: (store: TokenStore, seal: TokenSeal) => Promise<T>,
    onLate?: (result: T) => unknown,
  ): Promise<T | undefined> {
    const seal = this.#sealed?.seal;
    if (!seal) return undefined;
    let isOver = false;
    const fail = (timedOut: boolean) => {
      if (!isOver) this.#onFailure(operation, timedOut);
      isOver = true;
      return undefined;
    };
    const settle = async () => {
      try {
        const result = await run(this.#store, seal);
        if (isOver) onLate?.(result);
        return result;
      } catch {
        return fail(false);
      }
    };
    return within(inParts(this.#clock), longestAnswerMs, settle, () => fail(true));
  }
}

function inParts(clock: Clock): Pick<Clock, 'sleep'> {
  return {
    async sleep(ms, signal) {
      for (let part = 0; part < answerParts; part++) await clock.sleep(ms / answerParts, signal);
    },
  };
}

/** Claims, past tokens that are of no use. */
async function claimFrom(
  clock: Clock,
  store: TokenStore,
  seal: TokenSeal,
  need: VaultNeed,
  terms: ClaimTerms,
): Promise<VaultAnswer> {
  let { knownFence } = need;
  for (let look = 1; look <= mostLooks; look++) {
    const askedAt = clock.monotonic();
    const answer = await store.claim(seal.key, { ...terms, minRemainingMs: need.minRemainingMs, knownFence });
    if (answer.outcome === 'granted' || (answer.outcome === 'wait' && Number.isFinite(answer.waitMs))) return answer;
    // Throws at any other answer, which is nonsense.
    const { token } = answer as { token: StoredToken };
    knownFence = token.fence;
    const opened = await openToken(seal, token, need, askedAt);
    if (opened) return { outcome: 'found', token: opened };
  }
  throw new TypeError('The store insists on tokens that are of no use.');
}

/** Undefined for a token of no use. */
async function openToken(
  seal: TokenSeal,
  { ciphertext: sealed, remainingMs, fence }: StoredToken,
  need: VaultNeed,
  askedAt: number,
): Promise<VaultToken | undefined> {
  const content = await seal.open(sealed);
  if (!content) return undefined;
  // No store can make a token live longer than it was made for.
  const leftMs = Math.min(remainingMs, content.lifetimeMs);
  const token = { ...content, fence, endsAt: askedAt + leftMs };
  const isWanted = fence !== need.knownFence && leftMs > need.minRemainingMs && need.isUseful(token);
  return isWanted ? token : undefined;
}

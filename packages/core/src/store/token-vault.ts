import type { Clock } from '../clock/clock.ts';
import { GuardedStore } from './guarded-store.ts';
import { type CredentialIdentity, createTokenSeal, type SealedContent, type TokenSeal } from './token-seal.ts';
import type { StoredToken, TokenStore } from './token-store.ts';

/** A token from the store, opened. */
export interface VaultToken extends SealedContent {
  readonly remainingMs: number;
  readonly fence: number;
}

/** Which token of the store would be of use. */
export interface VaultNeed {
  /** The fence of the token that is to be replaced. */
  readonly knownFence: number | undefined;
  /** It must live longer than this, milliseconds. */
  readonly minRemainingMs: number;
  /** Judges an opened token: one that the API has refused, or that is about to end, is of no use. */
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

/** One credential's tokens in a store: sealed on the way in, opened on the way out, never an error. */
export class TokenVault {
  readonly #store: GuardedStore;
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
    this.#createSeal = createSeal;
    this.#store = new GuardedStore(store, clock, onFailure);
    this.#identity = identity;
    this.#onFailure = onFailure;
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

  async read(need: VaultNeed): Promise<VaultToken | undefined> {
    const seal = this.#sealed?.seal;
    const stored = seal && (await this.#store.read(seal.key));
    if (!stored || stored.fence === need.knownFence || stored.remainingMs <= need.minRemainingMs) return undefined;
    const token = await openToken(seal, stored);
    return token && need.isUseful(token) ? token : undefined;
  }

  async claim(need: VaultNeed, terms: ClaimTerms): Promise<VaultAnswer> {
    const seal = this.#sealed?.seal;
    if (!seal) return { outcome: 'granted', fence: undefined };
    const onLateGrant = (fence: number) => void this.#store.release(seal.key, fence, true);
    let { knownFence } = need;
    for (let look = 1; look <= mostLooks; look++) {
      const request = { ...terms, minRemainingMs: need.minRemainingMs, knownFence };
      const answer = await this.#store.claim(seal.key, request, onLateGrant);
      if (!answer) break;
      if (answer.outcome !== 'found') return answer;
      const token = await openToken(seal, answer.token);
      if (token && need.isUseful(token)) return { outcome: 'found', token };
      knownFence = answer.token.fence;
    }
    return { outcome: 'granted', fence: undefined };
  }

  async commit(fence: number | undefined, content: SealedContent, remainingMs: number): Promise<void> {
    const seal = this.#sealed?.seal;
    if (!seal || fence === undefined) return;
    try {
      const sealed = await seal.seal(content);
      await this.#store.commit(seal.key, { sealed, remainingMs, fence });
    } catch {
      this.#onFailure('seal', false);
    }
  }

  async release(fence: number | undefined, requestSent: boolean): Promise<void> {
    const seal = this.#sealed?.seal;
    if (seal && fence !== undefined) await this.#store.release(seal.key, fence, requestSent);
  }

  async remove(fence: number | undefined): Promise<void> {
    const seal = this.#sealed?.seal;
    if (seal && fence !== undefined) await this.#store.remove(seal.key, fence);
  }
}

async function openToken(seal: TokenSeal, stored: StoredToken): Promise<VaultToken | undefined> {
  const content = await seal.open(stored.sealed);
  return content && { ...content, remainingMs: stored.remainingMs, fence: stored.fence };
}

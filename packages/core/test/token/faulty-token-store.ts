import type { VirtualClock } from '@instellix/testing';
import { memoryTokenStore } from '../../src/store/memory-token-store.ts';
import type { ClaimRequest, ClaimResult, StoredToken, StoreKey, TokenStore } from '../../src/store/token-store.ts';
import { type Instant, instantOf } from './instant.ts';

/** What can be wrong with a store. */
export type StoreFault =
  | { readonly kind: 'none' }
  | { readonly kind: 'rejecting' }
  | { readonly kind: 'throwing' }
  /** Never responds, and changes nothing. */
  | { readonly kind: 'hanging' }
  /** Carries out each operation at once, and responds after `delayMs`. */
  | { readonly kind: 'slow'; readonly delayMs: number };

/** A memory store that several clients share, each through a handle of its own, and that can fail in many ways. */
export class FaultyTokenStore {
  fault: StoreFault = { kind: 'none' };
  /** How many slow responses are still to come: their timers belong to the store, not to its clients. */
  pendingResponses = 0;
  readonly #clock: VirtualClock;
  #store: TokenStore;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.#store = memoryTokenStore({ clock });
  }

  loseData(): void {
    this.#store = memoryTokenStore({ clock: this.#clock });
  }

  /** `onToken` is called for each token that this handle returns. */
  open(onToken: (token: StoredToken, askedAt: Instant) => void = () => {}): TokenStore {
    const run = <T>(operation: (store: TokenStore) => Promise<T>): Promise<T> => this.#run(operation);
    return {
      read: async (key: StoreKey) => {
        const askedAt = instantOf(this.#clock);
        const token = await run((store) => store.read(key));
        if (token) onToken(token, askedAt);
        return token;
      },
      claim: async (key: StoreKey, request: ClaimRequest): Promise<ClaimResult> => {
        const askedAt = instantOf(this.#clock);
        const result = await run((store) => store.claim(key, request));
        if (result.outcome === 'found') onToken(result.token, askedAt);
        return result;
      },
      commit: (key, token) => run((store) => store.commit(key, token)),
      release: (key, fence, requestSent) => run((store) => store.release(key, fence, requestSent)),
      remove: (key, fence) => run((store) => store.remove(key, fence)),
    };
  }

  #run<T>(operation: (store: TokenStore) => Promise<T>): Promise<T> {
    const { fault } = this;
    if (fault.kind === 'throwing') throw new Error('the store throws');
    if (fault.kind === 'rejecting') return Promise.reject(new Error('the store rejects'));
    if (fault.kind === 'hanging') return new Promise(() => {});
    const result = operation(this.#store);
    if (fault.kind === 'none') return result;
    this.pendingResponses++;
    return this.#clock.sleep(fault.delayMs).then(() => {
      this.pendingResponses--;
      return result;
    });
  }
}

import type { Clock } from '../clock/clock.ts';
import type { ClaimAnswer, ClaimRequest, StoredToken, StoreKey, TokenStore } from './token-store.ts';

/** The longest a store may take before it counts as failed, milliseconds. */
const limitMs = 250;

/**
 * A store that cannot disturb: an operation that fails, takes too long or answers nonsense is reported and answered with
 * undefined, never with an error.
 */
export class GuardedStore {
  readonly #store: TokenStore;
  readonly #clock: Clock;
  readonly #onFailure: (operation: string, timedOut: boolean) => void;

  constructor(store: TokenStore, clock: Clock, onFailure: (operation: string, timedOut: boolean) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  read(key: StoreKey): Promise<StoredToken | undefined> {
    return this.#guard('read', async () => checkToken(await this.#store.read(key)));
  }

  /** `onLateGrant` gets the fence of a claim that was granted after it had been given up, so that it can be handed back. */
  claim(key: StoreKey, request: ClaimRequest, onLateGrant: (fence: number) => void): Promise<ClaimAnswer | undefined> {
    const claim = async () => checkAnswer(await this.#store.claim(key, request));
    return this.#guard('claim', claim, (late) => late.outcome === 'granted' && onLateGrant(late.fence));
  }

  commit(key: StoreKey, token: StoredToken): Promise<boolean | undefined> {
    return this.#guard('commit', () => this.#store.commit(key, token));
  }

  async release(key: StoreKey, fence: number, requestSent: boolean): Promise<void> {
    await this.#guard('release', () => this.#store.release(key, fence, requestSent));
  }

  async remove(key: StoreKey, fence: number): Promise<void> {
    await this.#guard('remove', () => this.#store.remove(key, fence));
  }

  async #guard<T>(operation: string, run: () => Promise<T>, onLate?: (value: T) => void): Promise<T | undefined> {
    const timer = new AbortController();
    let timedOut = false;
    const limit = this.#clock.sleep(limitMs, timer.signal).then(
      () => {
        timedOut = true;
        this.#onFailure(operation, true);
        return undefined;
      },
      () => undefined,
    );
    // An async wrapper: a store that throws at once is no different from one that rejects.
    const result = (async () => run())().then(
      (value) => {
        if (timedOut) onLate?.(value);
        return value;
      },
      () => {
        if (!timedOut) this.#onFailure(operation, false);
        return undefined;
      },
    );
    const first = await Promise.race([result, limit]);
    timer.abort();
    return first;
  }
}

function checkToken(token: StoredToken | undefined): StoredToken | undefined {
  if (token === undefined || token === null) return undefined;
  if (typeof token.sealed === 'string' && isTime(token.remainingMs) && isTime(token.fence)) return token;
  throw new TypeError('not a stored token');
}

function checkAnswer(answer: ClaimAnswer): ClaimAnswer {
  if (answer.outcome === 'granted' && isTime(answer.fence)) return answer;
  if (answer.outcome === 'wait' && isTime(answer.waitMs)) return answer;
  if (answer.outcome === 'found' && checkToken(answer.token)) return answer;
  throw new TypeError('not an answer to a claim');
}

function isTime(value: unknown): boolean {
  return Number.isFinite(value);
}

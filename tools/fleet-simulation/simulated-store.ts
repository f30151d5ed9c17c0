import {
  type ClaimRecord,
  type ClaimRequest,
  type ClaimResult,
  createTokenStore,
  parseClaimRecord,
  type StoredToken,
  type TokenStore,
} from '@instellix/core/store';

const key = { gate: 'gate', token: 'token' };
const startedAt = Date.UTC(2026, 0, 1);

/** The gate of one credential, with the rules of core. Events of the simulation are synchronous, and so are these operations. */
export class SimulatedStore {
  readonly #store: TokenStore;
  #record: ClaimRecord = parseClaimRecord(undefined, { wall: 0, monotonic: 0 });
  #result: unknown;
  operations = 0;

  constructor(clock: () => number) {
    // `update` waits for nothing, so that its effect is there when the operation returns its promise.
    this.#store = createTokenStore({ now: () => startedAt + clock(), monotonic: clock }, async (_, decide) => {
      const { result, record = this.#record } = decide(this.#record);
      this.#record = record;
      this.#result = result;
      return result;
    });
  }

  claim(request: ClaimRequest): ClaimResult {
    this.operations++;
    this.#store.claim(key, request);
    return this.#result as ClaimResult;
  }

  commit(token: StoredToken): void {
    this.operations++;
    this.#store.commit(key, token);
  }

  release(fence: number, requestSent: boolean): void {
    this.operations++;
    this.#store.release(key, fence, requestSent);
  }
}

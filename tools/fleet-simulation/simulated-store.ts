import {
  type ClaimRecord,
  type ClaimRequest,
  type ClaimResult,
  createTokenStore,
  msUntil,
  parseClaimRecord,
  readTimestamp,
  type StoredToken,
  type Timestamp,
  type TokenStore,
} from '@instellix/core/store';

/** The rules of the protocol, each of which can be left out to see what it is good for. */
export const rules = [
  // Of the store.
  'reading again and claiming are one step',
  'one claim is open at a time',
  'an interval lies between the end of a claim and the next',
  'the interval counts from the end of a claim, not from its grant',
  'a lease ends by time',
  'a holder that died has closed the gate with its lease',
  'only its holder ends a claim',
  'a failed request that was sent keeps the gate closed',
  'a commit below a committed fence is refused',
  'fences start from the clock when the data are lost',
  // Of the holder.
  'the holder looks at its lease before it sends',
  'the holder aborts when its lease runs out',
  'a remaining lifetime counts from before the store was asked',
] as const;

export type Rule = (typeof rules)[number];

const key = { gate: 'gate', token: 'token' };
const startedAt = 1_767_225_600_000;
/** The longest lease that a store accepts, milliseconds. */
const maxLeaseMs = 3_600_000;

/** What an operation has decided. */
interface Outcome<T> {
  readonly result: T;
  readonly isSaved: boolean;
}

/** The gate of one credential, with the rules of core, one of which may be missing. */
export class SimulatedStore {
  readonly #clock: { now(): number; monotonic(): number };
  readonly #missing: Rule | undefined;
  readonly #store: TokenStore;
  #record: ClaimRecord = parseClaimRecord(undefined, { wall: 0, monotonic: 0 });
  #before = this.#record;
  #grantedAt: Timestamp | undefined;
  #isReported = true;
  #outcome: Outcome<unknown> | undefined;
  #prepare = (record: ClaimRecord) => record;
  #finish = (record: ClaimRecord) => record;
  operations = 0;

  constructor(clock: () => number, missing?: Rule) {
    this.#missing = missing;
    const lacksFences = this.#lacks('fences start from the clock when the data are lost');
    this.#clock = { now: () => (lacksFences ? 0 : startedAt + clock()), monotonic: clock };
    this.#store = createTokenStore(this.#clock, async (_, decide) => {
      const { result, record } = decide(this.#prepare(this.#record));
      this.#outcome = { result, isSaved: record !== undefined };
      if (record) {
        this.#before = this.#record;
        this.#record = this.#finish(record);
      }
      return result;
    });
  }

  /** What a claim would find; not an operation of a process. */
  peek(): StoredToken | undefined {
    return this.#run<StoredToken | undefined>((store) => store.read(key)).result;
  }

  claim(given: ClaimRequest): ClaimResult {
    this.operations++;
    let request = given;
    if (this.#lacks('an interval lies between the end of a claim and the next'))
      request = { ...request, minIntervalMs: 0 };
    if (this.#lacks('a lease ends by time')) request = { ...request, leaseMs: maxLeaseMs };
    const { tokens } = this.#record;
    const { result } = this.#run<ClaimResult>(
      (store) => store.claim(key, request),
      (record) => this.#breakClaim(record),
      // Where reading was left out, the token is still there.
      (record) => ({ ...record, tokens }),
    );
    if (result.outcome === 'granted') {
      this.#grantedAt = readTimestamp(this.#clock);
      this.#isReported = false;
    }
    return result;
  }

  /** Returns whether the token was accepted. */
  commit(token: StoredToken): boolean {
    this.operations++;
    return this.#end(
      token.fence,
      (store) => store.commit(key, token),
      (record) =>
        this.#lacks('a commit below a committed fence is refused') ? { ...record, committedFence: 0 } : record,
    );
  }

  release(fence: number, requestSent: boolean): void {
    this.operations++;
    const isSent = requestSent && !this.#lacks('a failed request that was sent keeps the gate closed');
    const by = this.#lacks('only its holder ends a claim') ? this.#record.fence : fence;
    this.#end(by, (store) => store.release(key, by, isSent));
  }

  remove(fence: number): void {
    this.operations++;
    this.#run((store) => store.remove(key, fence));
  }

  /** Like a restart without data. */
  loseData(): void {
    this.#record = this.#before = parseClaimRecord(undefined, { wall: 0, monotonic: 0 });
    this.#isReported = true;
  }

  /** Like a failover to a replica that is one write behind. */
  loseLastWrite(): void {
    this.#record = this.#before;
    this.#isReported = true;
  }

  #lacks(rule: Rule): boolean {
    return this.#missing === rule;
  }

  #breakClaim(record: ClaimRecord): ClaimRecord {
    const isOpen = record.endsAt !== undefined && msUntil(record.endsAt, readTimestamp(this.#clock)) > 0;
    const forgotten = { ...record, endsAt: record.previousEndsAt };
    if (this.#lacks('reading again and claiming are one step')) return { ...record, tokens: [] };
    if (this.#lacks('one claim is open at a time') && isOpen) return forgotten;
    const hasDied = !isOpen && !this.#isReported;
    return this.#lacks('a holder that died has closed the gate with its lease') && hasDied ? forgotten : record;
  }

  #end(fence: number, operate: (store: TokenStore) => Promise<void>, prepare?: (record: ClaimRecord) => ClaimRecord) {
    const isLatest = fence >= this.#record.fence;
    const countsFromGrant = this.#lacks('the interval counts from the end of a claim, not from its grant');
    const { isSaved } = this.#run(operate, prepare, (record) =>
      isLatest && countsFromGrant && this.#grantedAt ? { ...record, endsAt: this.#grantedAt } : record,
    );
    if (isSaved && isLatest) this.#isReported = true;
    return isSaved;
  }

  /** Events of the simulation are synchronous, as is everything in a store that `update` does not wait for. */
  #run<T>(
    operate: (store: TokenStore) => Promise<T>,
    prepare = (record: ClaimRecord) => record,
    finish = (record: ClaimRecord) => record,
  ): Outcome<T> {
    this.#prepare = prepare;
    this.#finish = finish;
    operate(this.#store);
    return this.#outcome as Outcome<T>;
  }
}

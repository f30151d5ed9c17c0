import type { ClaimRecord, ClaimRequest, ClaimResult, Decision, StoredToken } from '@instellix/core/store';
import { createTokenStore, parseClaimRecord, readTimestamp } from '@instellix/core/store';

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
/** The wall clock when a simulation starts. */
const startedAt = 1_767_225_600_000;
/** The longest lease that core takes for one. */
const endlessLeaseMs = 3_600_000;

/** The gate of one credential, decided by core's own rules, of which one may be missing. */
export class SimulatedStore {
  readonly #missing: Rule | undefined;
  readonly #clock: { now(): number; monotonic(): number };
  #record: ClaimRecord | undefined;
  #before: ClaimRecord | undefined;
  #grantedAt = 0;
  #isSettled = true;
  operations = 0;

  constructor(clock: () => number, missing?: Rule) {
    this.#missing = missing;
    const offset = this.#lacks('fences start from the clock when the data are lost') ? 0 : startedAt;
    // Without the rule, the wall clock says nothing: it stands still.
    this.#clock = { now: () => (offset === 0 ? 0 : offset + clock()), monotonic: clock };
  }

  /** Returns what a claim with these terms would find; not an operation of any client. */
  peek(): StoredToken | undefined {
    return this.#decide(this.#record, (store) => store.read(key)).result;
  }

  claim(given: ClaimRequest): ClaimResult {
    const now = readTimestamp(this.#clock);
    let record = this.#load();
    let request = given;
    if (this.#lacks('reading again and claiming are one step')) record = { ...record, tokens: [] };
    const isOpen = record.endsAt !== undefined && record.endsAt.monotonic > now.monotonic;
    if (this.#lacks('one claim is open at a time') && isOpen) record = { ...record, endsAt: record.previousEndsAt };
    if (this.#lacks('a holder that died has closed the gate with its lease') && !isOpen && !this.#isSettled) {
      record = { ...record, endsAt: record.previousEndsAt };
    }
    if (this.#lacks('an interval lies between the end of a claim and the next')) {
      request = { ...request, minIntervalMs: 0 };
    }
    if (this.#lacks('a lease ends by time')) request = { ...request, leaseMs: endlessLeaseMs };
    const decision = this.#decide(record, (store) => store.claim(key, request));
    if (decision.record) {
      this.#grantedAt = now.monotonic;
      this.#isSettled = false;
      // Where reading was left out, the token is still there.
      this.#save({ ...decision, record: { ...decision.record, tokens: this.#record?.tokens ?? [] } });
    }
    return decision.result;
  }

  /** Returns whether the token was written. */
  commit(token: StoredToken): boolean {
    let record = this.#load();
    if (this.#lacks('a commit below a committed fence is refused')) record = { ...record, committedFence: 0 };
    const decision = this.#decide(record, (store) => store.commit(key, token));
    this.#settle(token.fence, decision);
    return decision.record !== undefined;
  }

  release(fence: number, requestSent: boolean): void {
    const record = this.#load();
    const isSent = requestSent && !this.#lacks('a failed request that was sent keeps the gate closed');
    const by = this.#lacks('only its holder ends a claim') ? record.fence : fence;
    this.#settle(
      by,
      this.#decide(record, (store) => store.release(key, by, isSent)),
    );
  }

  remove(fence: number): void {
    this.#save(this.#decide(this.#load(), (store) => store.remove(key, fence)));
  }

  /** As a restart without data does. */
  loseData(): void {
    this.#record = this.#before = undefined;
    this.#isSettled = true;
  }

  /** As a failover to a replica does that was one write behind. */
  loseLastWrite(): void {
    this.#record = this.#before;
    this.#isSettled = true;
  }

  #lacks(rule: Rule): boolean {
    return this.#missing === rule;
  }

  #load(): ClaimRecord {
    this.operations++;
    return parseClaimRecord(this.#record, readTimestamp(this.#clock));
  }

  /** Runs an operation of core's store on a record, and returns its decision instead of saving it. */
  #decide<T>(
    record: ClaimRecord | undefined,
    operate: (store: ReturnType<typeof createTokenStore>) => Promise<T>,
  ): Decision<T> {
    let made: Decision<T> | undefined;
    const store = createTokenStore(this.#clock, async (_, decide) => {
      // Before any `await`, so that the decision is there when the operation returns.
      const decision = decide(record);
      made = decision as Decision<never>;
      return decision.result;
    });
    void operate(store);
    return made as Decision<T>;
  }

  #settle(fence: number, decision: Decision<void>): void {
    const { record } = decision;
    if (!record) return;
    const isLatest = fence >= (this.#record?.fence ?? 0);
    if (isLatest) this.#isSettled = true;
    if (isLatest && this.#lacks('the interval counts from the end of a claim, not from its grant')) {
      const endsAt = {
        wall: this.#clock.now() - this.#clock.monotonic() + this.#grantedAt,
        monotonic: this.#grantedAt,
      };
      this.#save({ ...decision, record: { ...record, endsAt } });
    } else this.#save(decision);
  }

  #save({ record }: Decision<unknown>): void {
    if (!record) return;
    this.#before = this.#record;
    this.#record = record;
  }
}

import type { ClaimAnswer, ClaimRequest, StoredToken } from '@instellix/core';
import {
  type Decision,
  decideClaim,
  decideCommit,
  decideRelease,
  decideRemove,
  findToken,
  type GateRecord,
  readGateRecord,
} from '../../packages/file-store/src/gate-record.ts';

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

/** The gate of one credential, decided by the file store's own rules, of which one may be missing. */
export class SimulatedStore {
  readonly #clock: () => number;
  readonly #missing: Rule | undefined;
  #record: GateRecord = readGateRecord(undefined, 0);
  #before = this.#record;
  #grantedAt = 0;
  #isSettled = true;
  operations = 0;

  constructor(clock: () => number, missing?: Rule) {
    this.#clock = clock;
    this.#missing = missing;
  }

  /** What a claim with these terms would find; not an operation of anyone's. */
  peek(): StoredToken | undefined {
    return findToken(this.#record, key, this.#clock());
  }

  claim(given: ClaimRequest): ClaimAnswer {
    const now = this.#clock();
    let gate = this.#load();
    let request = given;
    if (this.#lacks('reading again and claiming are one step')) gate = { ...gate, tokens: [] };
    if (this.#lacks('one claim is open at a time') && gate.endsAt > now) gate = { ...gate, endsAt: gate.endedBefore };
    if (
      this.#lacks('a holder that died has closed the gate with its lease') &&
      gate.endsAt <= now &&
      !this.#isSettled
    ) {
      gate = { ...gate, endsAt: gate.endedBefore };
    }
    if (this.#lacks('an interval lies between the end of a claim and the next'))
      request = { ...request, minIntervalMs: 0 };
    if (this.#lacks('a lease ends by time')) request = { ...request, leaseMs: 1e12 };
    const wallNow = this.#lacks('fences start from the clock when the data are lost') ? 0 : 1_767_225_600_000 + now;
    const decision = decideClaim(gate, key, request, { now, wallNow });
    if (decision.next) {
      this.#grantedAt = now;
      this.#isSettled = false;
      // Where looking was left out, the token is still there.
      return this.#save({ ...decision, next: { ...decision.next, tokens: this.#record.tokens } });
    }
    return decision.answer;
  }

  commit(token: StoredToken): boolean {
    const now = this.#clock();
    let gate = this.#load();
    if (this.#lacks('a commit below a committed fence is refused')) gate = { ...gate, committedFence: 0 };
    return this.#settle(token.fence, decideCommit(gate, key, token, { now, calledAt: now }));
  }

  release(fence: number, requestSent: boolean): void {
    const gate = this.#load();
    const isSent = requestSent && !this.#lacks('a failed request that was sent keeps the gate closed');
    const by = this.#lacks('only its holder ends a claim') ? gate.fence : fence;
    this.#settle(by, decideRelease(gate, by, isSent, this.#clock()));
  }

  remove(fence: number): void {
    this.#save(decideRemove(this.#load(), key, fence, this.#clock()));
  }

  /** As a restart without data does. */
  loseData(): void {
    this.#record = this.#before = readGateRecord(undefined, 0);
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

  #load(): GateRecord {
    this.operations++;
    return readGateRecord(this.#record, this.#clock());
  }

  #settle<T>(fence: number, decision: Decision<T>): T {
    if (!decision.next) return decision.answer;
    const isLatest = fence >= this.#record.fence;
    if (isLatest) this.#isSettled = true;
    if (isLatest && this.#lacks('the interval counts from the end of a claim, not from its grant')) {
      return this.#save({ ...decision, next: { ...decision.next, endsAt: this.#grantedAt } });
    }
    return this.#save(decision);
  }

  #save<T>({ answer, next }: Decision<T>): T {
    if (next) {
      this.#before = this.#record;
      this.#record = next;
    }
    return answer;
  }
}

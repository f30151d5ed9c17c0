import { type StoreHarness, storeScheduleContract, VirtualClock } from '@instellix/testing';
import type { TokenStore } from '@instellix/core';
import { describe, expect, test } from 'vitest';
import {
  type Decision,
  decideClaim,
  decideCommit,
  decideRelease,
  decideRemove,
  findToken,
  type GateRecord,
  readGateRecord,
} from '../src/gate-record.ts';

/** The decisions without files: what is kept is the text that a file would hold. */
function decisionsOn(texts: Map<string, string>, clock: VirtualClock): TokenStore {
  const decide = <T>(gate: string, run: (record: GateRecord, now: number) => Decision<T>): T => {
    const now = clock.monotonic();
    const { answer, next } = run(readGateRecord(JSON.parse(texts.get(gate) ?? 'null'), now), now);
    if (next) texts.set(gate, JSON.stringify(next));
    return answer;
  };
  const calledAt = () => clock.monotonic();
  return {
    read: async (key) => decide(key.gate, (gate, now) => ({ answer: findToken(gate, key, now) })),
    claim: async (key, request) =>
      decide(key.gate, (gate, now) => decideClaim(gate, key, request, { now, wallNow: clock.now() })),
    commit: async (key, token) =>
      decide(key.gate, (gate, now) => decideCommit(gate, key, token, { now, calledAt: calledAt() })),
    release: async (key, fence, sent) => decide(key.gate, (gate, now) => decideRelease(gate, fence, sent, now)),
    remove: async (key, fence) => decide(key.gate, (gate, now) => decideRemove(gate, key, fence, now)),
  };
}

function createHarness(): StoreHarness {
  const clock = new VirtualClock();
  const texts = new Map<string, string>();
  return {
    open: async () => decisionsOn(texts, clock),
    elapse: (ms) => clock.advance(ms),
    now: () => clock.monotonic(),
    toleranceMs: 0,
    stepWallClock: async (ms) => clock.stepWallClock(ms),
    loseData: async () => texts.clear(),
  };
}

describe('what is decided on a record follows from the history', () => {
  for (const { title, verify } of storeScheduleContract) test(title, { timeout: 60_000 }, () => verify(createHarness));
});

const key = { gate: 'gate', token: 'token' };
const request = { minIntervalMs: 5_500, leaseMs: 11_000, minRemainingMs: 0 };
const token = { sealed: 'sealed', fence: 7, remainingMs: 60_000 };
const at = (now: number) => ({ now, wallNow: 5, calledAt: now });
const fresh = () => decideCommit(readGateRecord(undefined, 1_000), key, token, at(1_000)).next as GateRecord;

describe('a record that was read', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'text'],
    ['a list', []],
    ['an object of something else', { hello: 'world' }],
    ['times that are none', { ...fresh(), endsAt: 'soon' }],
    ['fences that are none', { ...fresh(), fence: 1.5 }],
    ['tokens that are none', { ...fresh(), tokens: {} }],
    ['a token without its parts', { ...fresh(), tokens: [['token', { sealed: 'sealed' }]] }],
    ['a token that is none', { ...fresh(), tokens: [['token', null]] }],
  ])('counts as lost when it is %s: nobody is kept waiting by it', (_, content) => {
    const gate = readGateRecord(content, 2_000);
    expect(findToken(gate, key, 2_000)).toBeUndefined();
    expect(decideClaim(gate, key, request, at(2_000)).answer).toEqual({ outcome: 'granted', fence: 5 });
  });

  test('is void after the machine was started again, but for the fences, which must grow', () => {
    const { next } = decideClaim(fresh(), key, { ...request, minIntervalMs: 0, knownFence: 7 }, at(900_000));
    const gate = readGateRecord(JSON.parse(JSON.stringify(next)), 4_000);
    expect(findToken(gate, key, 4_000)).toBeUndefined();
    expect(decideClaim(gate, key, request, at(4_000)).answer).toEqual({ outcome: 'granted', fence: 9 });
  });

  test('keeps what a later version of the package has added to it', () => {
    const added = { ...fresh(), addedLater: { anything: 1 } };
    const { next } = decideRelease(readGateRecord(added, 2_000), 8, true, 2_000);
    expect(next).toMatchObject({ addedLater: { anything: 1 } });
  });

  test('does not let a token live longer because it took long to write it', () => {
    const late = decideCommit(readGateRecord(undefined, 9_000), key, token, { now: 9_000, calledAt: 1_000 });
    expect(findToken(late.next as GateRecord, key, 9_000)).toMatchObject({ remainingMs: 52_000 });
  });

  test.each([
    ['a claim that has to wait', () => decideClaim(fresh(), key, { ...request, knownFence: 7 }, at(2_000))],
    ['a claim that finds a token', () => decideClaim(fresh(), key, request, at(2_000))],
    ['a commit that comes too late', () => decideCommit(fresh(), key, { ...token, fence: 6 }, at(2_000))],
    ['a release of somebody else’s claim', () => decideRelease(fresh(), 6, false, 2_000)],
    ['a removal of another token', () => decideRemove(fresh(), key, 6, 2_000)],
  ])('is not written again for %s: who waits costs others nothing', (_, decide) => {
    expect(decide().next).toBeUndefined();
  });
});

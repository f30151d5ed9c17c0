import { settleMicrotasks, VirtualClock } from '@instellix/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { PendingCallers } from '../../src/token/pending-callers.ts';
import { deferred } from '../endpoint/deferred.ts';

let clock: VirtualClock;
let callers: PendingCallers;
let outcome: { promise: Promise<string>; resolve: (value: string | Promise<string>) => void };
let settled: Map<string, unknown>;

beforeEach(() => {
  clock = new VirtualClock();
  callers = new PendingCallers(clock);
  outcome = deferred();
  outcome.promise.catch(() => {});
  settled = new Map();
});

function wait(name: string, maxWaitMs: number, signal?: AbortSignal, minValidityMs = 0): void {
  const options = { maxWaitMs, minValidityMs, signal };
  callers.wait(outcome.promise, options).then(
    (value) => settled.set(name, [clock.monotonic(), value]),
    (error: Error) => settled.set(name, [clock.monotonic(), error.message]),
  );
}

describe('PendingCallers', () => {
  test('gives all callers the same value', async () => {
    for (const name of ['one', 'two', 'three']) wait(name, 100);
    expect(callers.count).toBe(3);
    outcome.resolve('token');
    await settleMicrotasks();
    expect([...settled]).toEqual([
      ['one', [0, 'token']],
      ['two', [0, 'token']],
      ['three', [0, 'token']],
    ]);
    expect(callers.count).toBe(0);
    expect(clock.sleeping).toBe(0);
  });

  test('gives all callers the same failure', async () => {
    for (const name of ['one', 'two']) wait(name, 100);
    outcome.resolve(Promise.reject(new Error('refused')));
    await settleMicrotasks();
    expect([settled.get('one'), settled.get('two')]).toEqual([
      [0, 'refused'],
      [0, 'refused'],
    ]);
  });

  test('ends the wait of the caller that aborts, with its own reason, and of no other', async () => {
    const abort = new AbortController();
    wait('aborted', 100, abort.signal);
    wait('other', 100);
    abort.abort(new Error('no longer needed'));
    await settleMicrotasks();
    expect([...settled]).toEqual([['aborted', [0, 'no longer needed']]]);
    expect(callers.count).toBe(1);
    outcome.resolve('token');
    await settleMicrotasks();
    expect(settled.get('other')).toEqual([0, 'token']);
  });

  test('ends each wait at its own time', async () => {
    wait('early', 100);
    await clock.advance(50);
    wait('late', 100);
    await clock.advance(49);
    expect(settled.size).toBe(0);
    await clock.advance(1);
    expect([...settled]).toEqual([['early', [100, undefined]]]);
    await clock.advance(50);
    expect(settled.get('late')).toEqual([150, undefined]);
    expect(callers.count).toBe(0);
    expect(clock.sleeping).toBe(0);
  });

  test('returns how long the last caller still waits', async () => {
    expect(callers.msLeft).toBe(Number.NEGATIVE_INFINITY);
    wait('one', 100);
    await clock.advance(20);
    wait('two', 50);
    expect(callers.msLeft).toBe(80);
    await clock.advance(80);
    expect(callers.msLeft).toBe(Number.NEGATIVE_INFINITY);
  });

  test('does not count the time of a suspend, during which the timers of callers stand still', () => {
    wait('one', 100);
    clock.suspend(3_600_000);
    expect(callers.msLeft).toBe(100);
  });

  test('returns the longest validity that a caller has requested', () => {
    wait('one', 100);
    expect(callers.minValidityMs).toBe(0);
    wait('two', 100, undefined, 30_000);
    wait('three', 100, undefined, 10_000);
    expect(callers.minValidityMs).toBe(30_000);
  });

  test('causes no warning about listeners when many callers share a signal', async () => {
    const warnings: unknown[] = [];
    const note = (warning: unknown) => warnings.push(warning);
    process.on('warning', note);
    const { signal } = new AbortController();
    for (let caller = 0; caller < 100; caller++) wait(`caller ${caller}`, 100, signal);
    outcome.resolve('token');
    await settleMicrotasks();
    process.off('warning', note);
    expect(settled.size).toBe(100);
    expect(warnings).toEqual([]);
  });
});

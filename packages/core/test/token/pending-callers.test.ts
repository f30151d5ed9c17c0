import { getEventListeners } from 'node:events';
import { settleMicrotasks, VirtualClock } from '@instellix/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { PendingCallers } from '../../src/token/pending-callers.ts';

let clock: VirtualClock;
let callers: PendingCallers<string>;
let deserted: number;
let ended: Map<string, unknown>;

beforeEach(() => {
  clock = new VirtualClock();
  deserted = 0;
  ended = new Map();
  callers = new PendingCallers({
    clock,
    overdueError: () => new Error('overdue'),
    onDeserted: () => void deserted++,
  });
});

function join(name: string, deadline: number, signal?: AbortSignal): void {
  callers.join(deadline, signal).then(
    (value) => ended.set(name, [clock.monotonic(), value]),
    (error: Error) => ended.set(name, [clock.monotonic(), error.message]),
  );
}

describe('PendingCallers', () => {
  test('gives one outcome to all, and calls nobody deserted', async () => {
    for (const name of ['one', 'two', 'three']) join(name, 100);
    callers.resolveAll('token');
    await settleMicrotasks();
    expect([...ended]).toEqual([
      ['one', [0, 'token']],
      ['two', [0, 'token']],
      ['three', [0, 'token']],
    ]);
    expect(deserted).toBe(0);
    expect(callers.lastDeadline).toBe(Number.NEGATIVE_INFINITY);
  });

  test('gives one failure to all', async () => {
    for (const name of ['one', 'two']) join(name, 100);
    callers.rejectAll(new Error('refused'));
    await settleMicrotasks();
    expect(ended.get('one')).toEqual([0, 'refused']);
    expect(ended.get('two')).toEqual([0, 'refused']);
    expect(deserted).toBe(0);
  });

  test('an abort ends the wait of its caller alone, with its own reason', async () => {
    const abort = new AbortController();
    join('leaver', 100, abort.signal);
    join('stayer', 100);
    abort.abort(new Error('changed my mind'));
    await settleMicrotasks();
    expect([...ended]).toEqual([['leaver', [0, 'changed my mind']]]);
    expect(deserted).toBe(0);
    callers.resolveAll('token');
    await settleMicrotasks();
    expect(ended.get('stayer')).toEqual([0, 'token']);
  });

  test('reports once that the last one has left on its own', async () => {
    const abort = new AbortController();
    join('one', 100, abort.signal);
    join('two', 100, abort.signal);
    abort.abort(new Error('changed my mind'));
    await settleMicrotasks();
    expect(deserted).toBe(1);
    expect(clock.sleeping).toBe(0);
  });

  test('lets nobody wait past their own deadline, whoever else waits', async () => {
    join('early', 100);
    await clock.advance(50);
    join('late', 150);
    await clock.advance(49);
    expect(ended.size).toBe(0);
    await clock.advance(1);
    expect([...ended]).toEqual([['early', [100, 'overdue']]]);
    await clock.advance(50);
    expect(ended.get('late')).toEqual([150, 'overdue']);
    expect(deserted).toBe(1);
  });

  test('lets nobody wait past their own deadline, also when one who waits again comes after one who just came', async () => {
    join('newcomer', 150);
    join('waits again', 100);
    expect(callers.lastDeadline).toBe(150);
    await clock.advance(100);
    expect([...ended]).toEqual([['waits again', [100, 'overdue']]]);
    await clock.advance(50);
    expect(ended.get('newcomer')).toEqual([150, 'overdue']);
  });

  test('knows how long an outcome is of use to anyone, and that it is of no use when nobody waits', async () => {
    expect(callers.lastDeadline).toBe(Number.NEGATIVE_INFINITY);
    const abort = new AbortController();
    join('one', 100, abort.signal);
    expect(callers.lastDeadline).toBe(100);
    abort.abort(new Error('changed my mind'));
    expect(callers.lastDeadline).toBe(Number.NEGATIVE_INFINITY);
    await settleMicrotasks();
  });

  test('holds no timer and no listener once everybody has gone, and starts anew for the next', async () => {
    const abort = new AbortController();
    join('one', 100, abort.signal);
    expect(clock.sleeping).toBe(1);
    callers.resolveAll('token');
    await settleMicrotasks();
    expect(clock.sleeping).toBe(0);
    abort.abort(new Error('too late'));
    join('two', 100);
    await clock.advance(100);
    expect([...ended]).toEqual([
      ['one', [0, 'token']],
      ['two', [100, 'overdue']],
    ]);
    expect(deserted).toBe(1);
  });

  test('hangs one listener on a signal that many share: Node warns of a leak when there are more than ten', async () => {
    const { signal } = new AbortController();
    for (const name of ['one', 'two', 'three']) join(name, 100, signal);
    join('another', 200, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await clock.advance(100);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    callers.resolveAll('token');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    await settleMicrotasks();
  });

  test('serves ten thousand callers with one timer', async () => {
    for (let caller = 0; caller < 10_000; caller++) join(`caller ${caller}`, 100);
    expect(clock.sleeping).toBe(1);
    await clock.advance(100);
    expect(ended.size).toBe(10_000);
    expect(clock.sleeping).toBe(0);
  });
});

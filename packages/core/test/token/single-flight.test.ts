import { settleMicrotasks, VirtualClock } from '@instellix/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { SingleFlight } from '../../src/token/single-flight.ts';

let clock: VirtualClock;
let flights: SingleFlight<string>;
let started: string[];

beforeEach(() => {
  clock = new VirtualClock();
  flights = new SingleFlight(clock, clock);
  started = [];
});

const options = { maxWaitMs: 10_000, minValidityMs: 0 };

/** A task that ends after 100 ms, or when it is aborted. */
function start(name: string, settlesAfterAbort = true) {
  return flights.start(async (signal) => {
    started.push(name);
    await clock.sleep(100, settlesAfterAbort ? signal : undefined);
    return name;
  });
}

describe('SingleFlight', () => {
  test('shares the outcome of a task among its callers, and then has no task in progress', async () => {
    const flight = start('task');
    expect(flights.current).toBe(flight);
    const waits = Promise.all([flight.wait(options), flight.wait(options)]);
    await clock.advance(100);
    expect(await waits).toEqual(['task', 'task']);
    expect(flights.current).toBeUndefined();
    expect(clock.sleeping).toBe(0);
  });

  test('has no task in progress when its callers continue', async () => {
    const flight = start('task');
    const seen = flight.wait(options).then(() => flights.current);
    await clock.advance(100);
    expect(await seen).toBeUndefined();
  });

  test('lets a task fail without an unhandled rejection when no caller waits', async () => {
    const unhandled: unknown[] = [];
    const record = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', record);
    flights.start(() => Promise.reject(new Error('failed')));
    await settleMicrotasks();
    process.off('unhandledRejection', record);
    expect(unhandled).toEqual([]);
    expect(flights.current).toBeUndefined();
  });

  test.each([true, false])(
    'rejects waiting callers with the reason of an abort, whether the task ends: %s',
    async (ends) => {
      const flight = start('task', ends);
      const waits = [1, 2].map(() => flight.wait(options).catch((error: Error) => error.message));
      await settleMicrotasks();
      flights.abort(new Error('closed'));
      expect(await Promise.all(waits)).toEqual(['closed', 'closed']);
      expect(flights.current).toBeUndefined();
      await expect(flight.wait(options)).rejects.toThrow('closed');
    },
  );

  test('starts no task before an aborted one has settled', async () => {
    start('first', false);
    await settleMicrotasks();
    flights.abort();
    start('second');
    await clock.advance(99);
    expect(started).toEqual(['first']);
    await clock.advance(1);
    expect(started).toEqual(['first', 'second']);
  });

  test('does not run a task that was aborted before the one before had settled', async () => {
    start('first', false);
    await settleMicrotasks();
    flights.abort();
    start('second');
    flights.abort();
    start('third');
    await clock.advance(200);
    expect(started).toEqual(['first', 'third']);
  });

  test('starts the next task after a second when an aborted one never settles', async () => {
    flights.start(() => new Promise(() => {}));
    await settleMicrotasks();
    flights.abort();
    start('second');
    await clock.advance(999);
    expect(started).toEqual([]);
    await clock.advance(1);
    expect(started).toEqual(['second']);
  });

  test('keeps the next task in progress when an aborted task settles', async () => {
    start('first', false);
    await settleMicrotasks();
    flights.abort();
    const second = start('second', false);
    await clock.advance(100);
    expect(flights.current).toBe(second);
  });

  test('does nothing on abort when no task is in progress', async () => {
    flights.abort();
    await flights.settled();
    expect(clock.sleeping).toBe(0);
  });
});

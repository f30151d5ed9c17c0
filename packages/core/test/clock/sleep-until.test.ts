import { settleMicrotasks, VirtualClock } from '@instellix/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { sleepUntil, suspendAware } from '../../src/clock/sleep-until.ts';
import { addMs, readTimestamp } from '../../src/clock/timestamp.ts';

let clock: VirtualClock;
let outcome: unknown;

beforeEach(() => {
  clock = new VirtualClock();
  outcome = 'pending';
});

/** Starts a sleep; `outcome` becomes the time at which it ends, or the error with which it rejects. */
async function start(ms: number, signal?: AbortSignal): Promise<void> {
  sleepUntil(clock, addMs(readTimestamp(clock), ms), signal).then(
    () => {
      outcome = clock.monotonic();
    },
    (error: unknown) => {
      outcome = error;
    },
  );
  await settleMicrotasks();
}

describe('sleepUntil', () => {
  test.each([0, -1])('resolves at once and starts no timer for a moment %d ms from now', async (ms) => {
    await start(ms);
    expect(outcome).toBe(0);
    expect(clock.sleeping).toBe(0);
  });

  test.each([1, 999.5, 1_000, 5_500])('resolves after %d ms', async (ms) => {
    await start(ms);
    await clock.advance(ms - 0.25);
    expect(outcome).toBe('pending');
    await clock.advance(60_000);
    expect(outcome).toBe(ms);
    expect(clock.sleeping).toBe(0);
  });

  test('resolves at most a second after a suspend during which the moment has passed', async () => {
    await start(60_000);
    await clock.advance(1_500);
    clock.suspend(3_600_000);
    await clock.advance(1_000);
    expect(outcome).toBe(2_000);
  });

  test('counts the time of a shorter suspend', async () => {
    await start(60_000);
    clock.suspend(20_000);
    await clock.advance(39_999);
    expect(outcome).toBe('pending');
    await clock.advance(1);
    expect(outcome).toBe(40_000);
  });

  test('is not changed by a wall clock that is set back', async () => {
    await start(5_500);
    clock.stepWallClock(-86_400_000);
    await clock.advance(5_499);
    expect(outcome).toBe('pending');
    await clock.advance(1);
    expect(outcome).toBe(5_500);
  });

  test('resolves within a second after the wall clock is set forward past the moment', async () => {
    await start(5_500);
    await clock.advance(500);
    clock.stepWallClock(3_600_000);
    await clock.advance(499);
    expect(outcome).toBe('pending');
    await clock.advance(1);
    expect(outcome).toBe(1_000);
  });

  test('does not resolve early when timers fire early, and waits at least 1 ms before it reads the clocks again', async () => {
    const sleeps: number[] = [];
    const { sleep } = VirtualClock.prototype;
    clock.sleep = (ms, signal) => {
      sleeps.push(ms);
      return sleep.call(clock, ms - 0.75, signal);
    };
    await start(900);
    await clock.advance(10_000);
    expect(sleeps).toEqual([900, 1, 1, 1]);
    expect(outcome).toBe(900);
  });

  test('rejects with the reason of its signal and leaves no timer', async () => {
    const abort = new AbortController();
    await start(5_500, abort.signal);
    await clock.advance(2_500);
    const reason = new Error('aborted');
    abort.abort(reason);
    await settleMicrotasks();
    expect(outcome).toBe(reason);
    expect(clock.sleeping).toBe(0);
  });
});

describe('suspendAware', () => {
  test('returns a clock whose sleep counts the time of a suspend', async () => {
    const abort = new AbortController();
    let isOver = false;
    suspendAware(clock)
      .sleep(10_000, abort.signal)
      .then(() => {
        isOver = true;
      });
    await settleMicrotasks();
    clock.suspend(10_000);
    await clock.advance(1_000);
    expect(isOver).toBe(true);
    expect(clock.sleeping).toBe(0);
  });

  test('passes the signal on', async () => {
    const abort = new AbortController();
    const slept = suspendAware(clock).sleep(10_000, abort.signal);
    abort.abort(new Error('aborted'));
    await expect(slept).rejects.toThrow('aborted');
    expect(clock.sleeping).toBe(0);
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { callerClock, maxTimerMs, systemClock } from '../../src/clock/system-clock.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ['systemClock', systemClock],
  ['callerClock', callerClock],
])('%s reads the wall clock and the monotonic clock of the runtime', (_, clock) => {
  vi.setSystemTime(1_000_000);
  const start = clock.monotonic();
  vi.setSystemTime(5);
  expect(clock.now()).toBe(5);
  vi.advanceTimersByTime(40);
  expect(clock.now()).toBe(45);
  expect(clock.monotonic() - start).toBeCloseTo(40);
});

describe.each([
  ['systemClock', systemClock],
  ['callerClock', callerClock],
])('sleep of %s', (_, { sleep }) => {
  test('resolves after the given time, with one timer and no listener left', async () => {
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, 'removeEventListener');
    let done = false;
    const slept = sleep(40, signal).then(() => {
      done = true;
    });
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(39);
    expect(done).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await slept;
    expect(removed).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('rejects with the reason of its signal, and clears the timer', async () => {
    const abort = new AbortController();
    const slept = sleep(40, abort.signal);
    const reason = new Error('aborted');
    abort.abort(reason);
    await expect(slept).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
    await expect(sleep(40, abort.signal)).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('waits for the longest timer when asked for more, because timers overflow', async () => {
    let done = false;
    sleep(Number.MAX_VALUE).then(() => {
      done = true;
    });
    await vi.advanceTimersByTimeAsync(maxTimerMs - 1);
    expect(done).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toBe(true);
  });
});

test('only a caller that waits keeps the process alive', () => {
  vi.useRealTimers();
  const timers: NodeJS.Timeout[] = [];
  const { setTimeout } = globalThis;
  vi.stubGlobal('setTimeout', (...args: Parameters<typeof setTimeout>) => {
    const timer = setTimeout(...args);
    timers.push(timer);
    return timer;
  });
  const abort = new AbortController();
  try {
    for (const { sleep } of [systemClock, callerClock]) sleep(60_000, abort.signal).catch(() => {});
  } finally {
    vi.unstubAllGlobals();
  }
  expect(timers.map((timer) => timer.hasRef())).toEqual([false, true]);
  abort.abort();
});

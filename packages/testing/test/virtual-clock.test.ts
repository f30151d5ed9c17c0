import { expect, test } from 'vitest';
import { VirtualClock } from '../src/virtual-clock.ts';

test('advances both clocks, and ends each sleep at its time', async () => {
  const clock = new VirtualClock(1_000);
  const ends: number[] = [];
  for (const ms of [20, 10]) clock.sleep(ms).then(() => ends.push(clock.monotonic()));
  expect([clock.sleeping, clock.nextWakeMs]).toEqual([2, 10]);
  await clock.advance(15);
  expect([clock.now(), clock.monotonic(), ends]).toEqual([1_015, 15, [10]]);
  await clock.advance(5);
  expect([ends, clock.sleeping, clock.nextWakeMs]).toEqual([[10, 20], 0, undefined]);
});

test('steps the wall clock in both directions', () => {
  const clock = new VirtualClock(1_000);
  clock.stepWallClock(-300);
  expect([clock.now(), clock.monotonic()]).toEqual([700, 0]);
  clock.stepWallClock(500);
  expect([clock.now(), clock.monotonic()]).toEqual([1_200, 0]);
});

test('suspends the machine: the wall clock advances, the monotonic clock and sleeps do not', async () => {
  const clock = new VirtualClock(1_000);
  let hasEnded = false;
  clock.sleep(10).then(() => {
    hasEnded = true;
  });
  clock.suspend(60_000);
  await clock.advance(9);
  expect([clock.now(), clock.monotonic(), hasEnded]).toEqual([61_009, 9, false]);
  await clock.advance(1);
  expect(hasEnded).toBe(true);
});

test('ends a sleep when its signal aborts', async () => {
  const clock = new VirtualClock();
  const controller = new AbortController();
  const sleep = clock.sleep(10, controller.signal);
  controller.abort(new Error('stopped'));
  await expect(sleep).rejects.toThrow('stopped');
  await expect(clock.sleep(10, controller.signal)).rejects.toThrow('stopped');
  expect(clock.sleeping).toBe(0);
});

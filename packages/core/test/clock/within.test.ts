import { VirtualClock } from '@instellix/testing';
import { describe, expect, test } from 'vitest';
import { within } from '../../src/clock/within.ts';

const never = () => new Promise<never>(() => {});

describe('within', () => {
  test('hands on what is done in time, and leaves no timer behind', async () => {
    const clock = new VirtualClock();
    expect(await within(clock, 5, async () => 'done', String)).toBe('done');
    await expect(within(clock, 5, () => Promise.reject(new Error('broken')), String)).rejects.toThrow('broken');
    expect(clock.nextWakeMs).toBeUndefined();
  });

  test('ends what takes too long, and tells it so', async () => {
    const clock = new VirtualClock();
    let signal: AbortSignal | undefined;
    const result = within(
      clock,
      5,
      (ended) => {
        signal = ended;
        return never();
      },
      () => 'overdue',
    );
    await clock.advance(4);
    expect(signal?.aborted).toBe(false);
    await clock.advance(1);
    expect(await result).toBe('overdue');
    expect(signal?.aborted).toBe(true);
  });

  test('rejects with the reason of the caller who leaves, although the work goes on', async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    const result = within(clock, 5, never, String, [abort.signal]);
    abort.abort(new Error('left'));
    await expect(result).rejects.toThrow('left');
    expect(clock.nextWakeMs).toBeUndefined();
  });
});

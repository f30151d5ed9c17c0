import { VirtualClock } from '@instellix/testing';
import { describe, expect, test } from 'vitest';
import { withTimeout } from '../../src/clock/with-timeout.ts';
import { ForeignSignal } from './foreign-signal.ts';

const never = () => new Promise<never>(() => {});

describe('withTimeout', () => {
  test('settles as the work does, and clears the timer', async () => {
    const clock = new VirtualClock();
    expect(await withTimeout(clock, 5, async () => 'done', String)).toBe('done');
    await expect(withTimeout(clock, 5, () => Promise.reject(new Error('broken')), String)).rejects.toThrow('broken');
    expect(clock.nextWakeMs).toBeUndefined();
  });

  test('settles as onTimeout does after the timeout, and aborts the work', async () => {
    const clock = new VirtualClock();
    let signal: AbortSignal | undefined;
    const result = withTimeout(
      clock,
      5,
      (ended) => {
        signal = ended;
        return never();
      },
      () => 'timed out',
    );
    await clock.advance(4);
    expect(signal?.aborted).toBe(false);
    await clock.advance(1);
    expect(await result).toBe('timed out');
    expect(signal?.aborted).toBe(true);
  });

  test('rejects with the reason of a signal, even if the work continues', async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    const result = withTimeout(clock, 5, never, String, abort.signal);
    abort.abort(new Error('aborted'));
    await expect(result).rejects.toThrow('aborted');
    expect(clock.nextWakeMs).toBeUndefined();
  });

  test('rejects with the reason of a signal of another realm', async () => {
    const clock = new VirtualClock();
    const signal = new ForeignSignal();
    let ended: AbortSignal | undefined;
    const work = (end: AbortSignal) => {
      ended = end;
      return never();
    };
    const result = withTimeout(clock, 5, work, String, signal.asSignal());
    signal.abort(new Error('aborted'));
    await expect(result).rejects.toThrow('aborted');
    expect(ended?.reason).toMatchObject({ message: 'aborted' });
    expect(clock.nextWakeMs).toBeUndefined();
    await expect(withTimeout(clock, 5, never, String, signal.asSignal())).rejects.toThrow('aborted');
    expect(clock.nextWakeMs).toBeUndefined();
  });

  test('rejects at once for a signal that is already aborted, and starts no timer', async () => {
    const clock = new VirtualClock();
    const reason = new Error('aborted');
    await expect(withTimeout(clock, 5, never, String, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(clock.nextWakeMs).toBeUndefined();
  });

  test('rejects with what onTimeout throws', async () => {
    const clock = new VirtualClock();
    const result = withTimeout(clock, 5, never, () => {
      throw new Error('timed out');
    });
    const rejected = expect(result).rejects.toThrow('timed out');
    await clock.advance(5);
    await rejected;
  });
});

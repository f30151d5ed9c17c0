import { VirtualClock } from '@instellix/testing';
import { describe, expect, test } from 'vitest';
import { withTimeout } from '../../src/clock/with-timeout.ts';

const never = () => new Promise<never>(() => {});

/** A signal that is no instance of this realm's `AbortSignal`, such as one of a test environment or a polyfill. */
class ForeignSignal extends EventTarget {
  aborted = false;
  reason: unknown;
  listeners = 0;

  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    this.listeners++;
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
    this.listeners--;
    super.removeEventListener(...args);
  }

  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    this.dispatchEvent(new Event('abort'));
  }

  asSignal(): AbortSignal {
    return this as unknown as AbortSignal;
  }
}

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
    const result = withTimeout(clock, 5, never, String, undefined, abort.signal);
    abort.abort(new Error('aborted'));
    await expect(result).rejects.toThrow('aborted');
    expect(clock.nextWakeMs).toBeUndefined();
  });

  test('rejects with the reason of a signal of another realm, and leaves no listener', async () => {
    const clock = new VirtualClock();
    const signal = new ForeignSignal();
    let ended: AbortSignal | undefined;
    const work = (end: AbortSignal) => {
      ended = end;
      return never();
    };
    const result = withTimeout(clock, 5, work, String, undefined, signal.asSignal());
    expect(signal.listeners).toBe(1);
    signal.abort(new Error('aborted'));
    await expect(result).rejects.toThrow('aborted');
    expect(ended?.reason).toMatchObject({ message: 'aborted' });
    expect(clock.nextWakeMs).toBeUndefined();
    expect(signal.listeners).toBe(0);
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

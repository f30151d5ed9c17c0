import type { Clock } from './clock.ts';
import { nativeSignal } from './native-signal.ts';

/**
 * Settles as `work` does, or as `onTimeout` does after `ms` milliseconds. Rejects with the reason of `signal` when it aborts. `work` gets
 * a signal that aborts as soon as its result is no longer needed.
 */
export async function withTimeout<T, U>(
  clock: Pick<Clock, 'sleep'>,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  onTimeout: () => U,
  signal?: AbortSignal | null,
): Promise<T | U> {
  const end = new AbortController();
  // `AbortSignal.any` holds many callers of one signal without a listener for each.
  const ended = signal ? AbortSignal.any([end.signal, nativeSignal(signal)]) : end.signal;
  try {
    ended.throwIfAborted();
    return await Promise.race([work(ended), clock.sleep(ms, ended).then(onTimeout)]);
  } finally {
    end.abort();
  }
}

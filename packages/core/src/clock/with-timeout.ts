import type { Clock } from './clock.ts';

/**
 * Settles as `work` does, or as `overdue` does once `ms` milliseconds have passed; rejects with `signal.reason` when the
 * signal aborts. `work` gets a signal that tells it when nobody waits for it any more, however that came about.
 */
export async function within<T, U>(
  clock: Pick<Clock, 'sleep'>,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  overdue: () => U,
  signals: AbortSignal[] = [],
): Promise<T | U> {
  const end = new AbortController();
  const ended = AbortSignal.any([end.signal, ...signals]);
  try {
    return await Promise.race([work(ended), clock.sleep(ms, ended).then(overdue)]);
  } finally {
    end.abort();
  }
}

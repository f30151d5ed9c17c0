import type { Clock } from './clock.ts';

/**
 * Settles as `work` does, or as `onTimeout` does after `ms` milliseconds. Rejects with the reason of the first of `signals` that
 * aborts. `work` gets a signal that aborts as soon as its result is no longer needed.
 */
export async function withTimeout<T, U>(
  clock: Pick<Clock, 'sleep'>,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  onTimeout: () => U,
  ...signals: (AbortSignal | undefined)[]
): Promise<T | U> {
  const end = new AbortController();
  const ended = AbortSignal.any([end.signal, ...signals.filter((signal) => signal !== undefined)]);
  try {
    return await Promise.race([work(ended), clock.sleep(ms, ended).then(onTimeout)]);
  } finally {
    end.abort();
  }
}

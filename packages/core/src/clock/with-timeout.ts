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
  const given = signals.filter((signal) => signal !== undefined);
  // `AbortSignal.any` accepts no signal of a polyfill or of another realm.
  const foreign = given.filter((signal): boolean => !(signal instanceof AbortSignal));
  const onAbort = () => end.abort(foreign.find(({ aborted }) => aborted)?.reason);
  for (const signal of foreign) {
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  }
  const ended = AbortSignal.any([end.signal, ...given.filter((signal) => !foreign.includes(signal))]);
  try {
    return await Promise.race([work(ended), clock.sleep(ms, ended).then(onTimeout)]);
  } finally {
    for (const signal of foreign) signal.removeEventListener('abort', onAbort);
    end.abort();
  }
}

import type { Clock } from './clock.ts';

/** `setTimeout` delays above 2^31 - 1 ms overflow and fire immediately. */
export const maxTimerMs = 2 ** 31 - 1;

/** The clock of the runtime. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, signal, false),
};

/** The same clock with timers that keep the process alive, for waiting callers: a script must not end in the middle of its own `await`. */
export const callerClock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => sleep(ms, signal, true),
};

function sleep(ms: number, signal: AbortSignal | undefined, keepsAlive: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const onTimeout = () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    };
    const timer = setTimeout(onTimeout, Math.min(ms, maxTimerMs));
    // Browsers return numbers, which have no `unref`.
    if (!keepsAlive) (timer as unknown as { unref?: () => void }).unref?.();
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

import type { InternalAxiosRequestConfig } from 'axios';
import type { AxiosCall } from './axios-call.ts';

/** `setTimeout` delays above 2^31 - 1 ms overflow and fire immediately. */
const maxTimerMs = 2 ** 31 - 1;

/** Waits as Axios waits for an answer: until `signal` or `cancelToken` end it, or `timeout` does. */
export async function withCallTimeout<T>(
  { scope, config, deadline }: AxiosCall,
  begin: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const { signal, cancelToken, transitional } = config;
  const end = new AbortController();
  const leave = () => end.abort();
  let isLate = false;
  const giveUp = () => {
    isLate = true;
    leave();
  };
  const timer = deadline ? setTimeout(giveUp, Math.min(deadline - performance.now(), maxTimerMs)) : undefined;
  signal?.addEventListener?.('abort', leave);
  cancelToken?.subscribe(leave);
  const left = new Promise<never>((_, reject) => {
    end.signal.addEventListener('abort', () => reject(end.signal.reason));
  });
  try {
    return await Promise.race([begin(end.signal), left]);
  } catch (error) {
    // A call that its caller has ended gets its error from Axios, which looks at both before it passes this one on.
    if (!isLate) throw error;
    const code = transitional?.clarifyTimeoutError ? 'ETIMEDOUT' : 'ECONNABORTED';
    throw await scope.build.createError(timeoutMessage(config), code, config);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener?.('abort', leave);
    cancelToken?.unsubscribe(leave);
  }
}

/** Leaves an attempt what is left of `timeout`; the http adapter still tells of the whole when it is over. */
export function limitTimeout(sent: InternalAxiosRequestConfig, deadline: number): void {
  sent.timeoutErrorMessage = timeoutMessage(sent);
  sent.timeout = Math.max(1, Math.ceil(deadline - performance.now()));
}

/** As the adapters of Axios word it. */
function timeoutMessage({ timeout, timeoutErrorMessage }: InternalAxiosRequestConfig): string {
  return timeoutErrorMessage || `timeout of ${timeout}ms exceeded`;
}

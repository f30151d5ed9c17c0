import { maxTimerMs } from '@instellix/core/adapter';
import type { AxiosError, InternalAxiosRequestConfig } from 'axios';
import type { SentRequest } from './sent-request.ts';

/** The `timeout` of a call has elapsed while it waited. */
export class CallTimeout extends Error {}

/** Returns when the `timeout` of a call elapses, on the clock of `performance.now()`. It is one budget for the token, the call and its resend. */
export function deadlineOf(timeout: InternalAxiosRequestConfig['timeout']): number | undefined {
  // Axios also accepts a numeric string.
  return Number(timeout) > 0 ? performance.now() + Number(timeout) : undefined;
}

/** Returns what is left until a deadline, as timers take it. An adapter would take 0 for no timeout. */
export function msUntil(deadline: number): number {
  return Math.min(Math.max(1, Math.ceil(deadline - performance.now())), maxTimerMs);
}

/** Waits like Axios for a response: until `signal` or `cancelToken` aborts the call, or until the deadline. */
export async function withCallTimeout<T>(
  { signal, cancelToken }: Pick<InternalAxiosRequestConfig, 'signal' | 'cancelToken'>,
  deadline: number | undefined,
  start: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const abort = () => end.abort();
  const timeOut = () => end.abort(new CallTimeout());
  const timer = deadline === undefined ? undefined : setTimeout(timeOut, msUntil(deadline));
  const ended = new Promise<never>((_, reject) => {
    // Axios itself turns the rejection of an aborted call into its CanceledError.
    end.signal.addEventListener('abort', () => reject(end.signal.reason));
  });
  signal?.addEventListener?.('abort', abort);
  // `subscribe` calls `abort` when the call has been cancelled. An aborted signal emits no event.
  cancelToken?.subscribe(abort);
  if (signal?.aborted) abort();
  try {
    return await Promise.race([start(end.signal), ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener?.('abort', abort);
    cancelToken?.unsubscribe(abort);
  }
}

/** Lets an error name the configured timeout instead of what was left of it for the last attempt. */
export function reportConfiguredTimeout(error: Partial<AxiosError> | undefined, sent: SentRequest): void {
  const { timeout, timeoutErrorMessage } = sent.callerConfig;
  const message: unknown = error?.message;
  if (timeoutErrorMessage || typeof message !== 'string' || !message.startsWith('timeout ')) return;
  Reflect.set(error as object, 'message', message.replace(String(sent.config.timeout), String(timeout)));
}

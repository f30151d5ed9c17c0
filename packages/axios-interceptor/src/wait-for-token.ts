import type { AccessToken } from '@instellix/core';
import type { InternalAxiosRequestConfig } from 'axios';
import type { AxiosCall } from './axios-call.ts';

/** Timers take a longer time for none at all. */
const longestTimer = 2 ** 31 - 1;

/** Waits for a token as Axios waits for an answer: until `signal` or `cancelToken` end it, or `timeout` does. */
export async function waitForToken(
  { scope, config, deadline }: AxiosCall,
  rejected?: AccessToken,
): Promise<AccessToken> {
  const { client, copy } = scope;
  const { signal, cancelToken, transitional } = config;
  const end = new AbortController();
  const leave = () => end.abort();
  let isLate = false;
  const giveUp = () => {
    isLate = true;
    leave();
  };
  const timer = deadline ? setTimeout(giveUp, Math.min(deadline - performance.now(), longestTimer)) : undefined;
  signal?.addEventListener?.('abort', leave);
  cancelToken?.subscribe(leave);
  try {
    return await client.getToken({ signal: end.signal, rejected });
  } catch (error) {
    // A call that its caller has ended gets its error from Axios, which looks at both before it passes this one on.
    if (!isLate) throw error;
    const code = transitional?.clarifyTimeoutError ? 'ETIMEDOUT' : 'ECONNABORTED';
    throw await copy.createError(timeoutMessage(config), code, config);
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

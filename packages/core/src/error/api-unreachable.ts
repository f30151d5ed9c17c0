import { findCause } from './find-instellix-error.ts';

const errors = new WeakSet<object>();

/** Remembers the error of a `fetch` that did not reach the API, so that {@link isApiUnreachable} recognises it. */
export function rememberApiUnreachable(error: unknown): void {
  if (typeof error === 'object' && error !== null) errors.add(error);
}

/** Returns whether an error itself was remembered; its causes are not searched. */
export function isRememberedUnreachable(error: unknown): error is Error {
  return errors.has(error as object);
}

/**
 * Returns whether a caught value is, or has among its causes, the error of a call that got no response: there was no connection, or it
 * ended before the response, or the time limit of the call has ended (the `AbortSignal.timeout` of a `client.fetch`, the `timeout` of an
 * Axios call). It is the error of `fetch` itself (a `TypeError` on most platforms, or the `TimeoutError` of the signal), or an AxiosError.
 * An Axios call that a `signal` ends is cancelled, whatever the reason.
 */
export function isApiUnreachable(error: unknown): boolean {
  return findCause(error, isRememberedUnreachable) !== undefined;
}

import { findCause } from './find-instellix-error.ts';

const errors = new WeakSet<object>();

/** Remembers the error of a `fetch` that did not reach the API, so that {@link isApiUnreachable} recognises it. */
export function rememberApiUnreachable(error: unknown): void {
  if (typeof error === 'object' && error !== null) errors.add(error);
}

/**
 * Returns whether a caught value is, or has among its causes, the error of a `client.fetch` that did not reach the API: there was no
 * connection, or it ended before the response. It is the error of `fetch` itself, a `TypeError` on most platforms.
 */
export function isApiUnreachable(error: unknown): boolean {
  return findCause(error, (each): each is object => errors.has(each as object)) !== undefined;
}

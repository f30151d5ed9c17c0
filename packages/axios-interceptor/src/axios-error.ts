import { isApiUnreachable } from '@instellix/core';
import { rememberApiUnreachable } from '@instellix/core/adapter';
import type { AxiosError } from 'axios';
import type { AxiosCall } from './axios-driver.ts';
import { CallTimeout } from './call-timeout.ts';

/** Returns the AxiosError with which a call rejects when it fails outside of its adapter, such as while it waits for a token. */
export function createAxiosError(cause: unknown, { build: { AxiosError }, config }: AxiosCall): AxiosError {
  if (cause instanceof CallTimeout) {
    // As the adapters of Axios report it.
    const { timeout, timeoutErrorMessage, transitional } = config;
    const code = transitional?.clarifyTimeoutError ? AxiosError.ETIMEDOUT : AxiosError.ECONNABORTED;
    const error = new AxiosError(timeoutErrorMessage || `timeout of ${timeout}ms exceeded`, code, config);
    rememberApiUnreachable(error);
    return error;
  }
  // The code of Axios would be a wrong one for an error of core, whose own code is in the cause.
  const code = isApiUnreachable(cause) ? AxiosError.ERR_NETWORK : undefined;
  const message = cause instanceof Error ? cause.message : String(cause);
  return setCause(new AxiosError(message, code, config), cause);
}

/** Sets the `cause` of an error, which is not enumerable, as that of any error. */
export function setCause(error: AxiosError, value: unknown): AxiosError {
  // False when the error is frozen.
  Reflect.defineProperty(error, 'cause', { value, writable: true, configurable: true, enumerable: false });
  return error;
}

/** The codes of Axios for a call that cannot be sent, or that was aborted. */
const notUnreachable = /^ERR_(?:BAD|CANCELED|DEPRECATED|FORM|INVALID|NOT_SUPPORT)/;

/** Remembers an error without a response for `isApiUnreachable` of core, when it means that the API was not reached, or not in time. */
export function rememberIfUnreachable(error: AxiosError | undefined): void {
  if (error?.isAxiosError === true && !notUnreachable.test(error.code ?? '')) rememberApiUnreachable(error);
}

import type { ConfigurationError } from './configuration-error.ts';
import type { RequestRefusedError } from './request-refused-error.ts';
import type { TokenRequestError } from './token-request-error.ts';

/** Registered, so that two copies of this package in one process recognise each other's errors. */
const brand = Symbol.for('@instellix/core:error');

/** The base of every error of this package. Narrow a caught value with {@link isInstellixError}. */
export abstract class InstellixError extends Error {
  /** A stable, documented code: branch on it, never on the message. */
  abstract readonly code: string;
  /** Whether the same call may succeed later without anyone changing anything. */
  abstract readonly retryable: boolean;

  /** @internal */
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    Object.defineProperty(this, brand, { value: true });
  }
}

/** The errors of this package as a union that `code` narrows. */
export type AnyInstellixError = ConfigurationError | TokenRequestError | RequestRefusedError;

/** Returns whether a caught value is an error of this package or of another copy of it. */
export function isInstellixError(error: unknown): error is AnyInstellixError {
  return typeof error === 'object' && error !== null && (error as { [brand]?: unknown })[brand] === true;
}

import type { ConfigurationError } from './configuration-error.ts';
import type { RequestRefusedError } from './request-refused-error.ts';
import type { TokenRequestError } from './token-request-error.ts';

/** Registered, so that two copies of this package in one process know each other's errors. */
const brand = Symbol.for('@instellix/core:error');

/** What every error of this package has; use it to narrow with {@link isInstellixError}, never to construct. */
export abstract class InstellixError extends Error {
  /** A stable, documented code: branch on it, never on the message. */
  abstract readonly code: string;
  /** Whether the same call may succeed later without anyone changing anything. */
  abstract readonly retryable: boolean;

  /** Takes what is known of `details`; what is not leaves no empty field in a log. @internal */
  constructor(message: string, { cause, ...details }: ErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    Object.defineProperty(this, brand, { value: true });
    for (const [key, value] of Object.entries(details)) if (value !== undefined) Object.assign(this, { [key]: value });
  }
}

/** The errors of this package as a union that `code` narrows. */
export type AnyInstellixError = ConfigurationError | TokenRequestError | RequestRefusedError;

/** Tells whether a caught value is an error of this package, also of another copy of it. */
export function isInstellixError(error: unknown): error is AnyInstellixError {
  return typeof error === 'object' && error !== null && (error as { [brand]?: unknown })[brand] === true;
}

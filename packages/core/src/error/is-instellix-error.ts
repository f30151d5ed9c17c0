import type { ConfigurationError } from './configuration-error.ts';
import { brand } from './instellix-error.ts';
import type { RequestRefusedError } from './request-refused-error.ts';
import type { TokenRequestError } from './token-request-error.ts';

/** The errors of this package as a union that `code` narrows. */
export type AnyInstellixError = ConfigurationError | TokenRequestError | RequestRefusedError;

/** Returns whether a caught value is an error of this package or of another copy of it. */
export function isInstellixError(error: unknown): error is AnyInstellixError {
  return typeof error === 'object' && error !== null && (error as { [brand]?: unknown })[brand] === true;
}

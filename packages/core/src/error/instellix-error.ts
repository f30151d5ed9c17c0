/** Registered, so that two copies of this package in one process recognise each other's errors. */
export const brand = Symbol.for('@instellix/core:error');

/** The base of every error of this package. Narrow a caught value with `isInstellixError`. */
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

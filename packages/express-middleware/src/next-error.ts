import type { NextFunction } from 'express';

/** Passes on what was thrown. Express takes a falsy value for success, and would call the next handler instead of the error handlers. */
export function nextError(next: NextFunction, reason: unknown, source: string): void {
  next(reason || new Error(`${source} failed without a reason.`));
}

import type { LastError } from '../token/failure-record.ts';

/** What a health check needs to know of a client; plain JSON without secrets. */
export interface ClientStatus {
  /**
   * `cold`: no token yet; `fresh`: usable; `aging`: usable, to be refreshed; `spent`: no longer usable; `closed`.
   */
  readonly state: 'cold' | 'fresh' | 'aging' | 'spent' | 'closed';
  /** Whether a token is being obtained right now. */
  readonly refreshing: boolean;
  /** Epoch milliseconds, like all points in time here. */
  readonly obtainedAt?: number;
  readonly expiresAt?: number;
  /** Present while the next token request has to wait. */
  readonly nextRequestAllowedAt?: number;
  /** The last failure; cleared by the next success. */
  readonly lastError?: LastError;
}

import type { LastError } from '../token/failure-status.ts';

/** The state of a client, for health checks; plain JSON without secrets. */
export interface ClientStatus {
  /**
   * `missing`: there is no token; `fresh`: it is usable; `stale`: it is usable and due for a refresh; `expired`: it is no longer used;
   * `closed`: the client is closed.
   */
  readonly state: 'missing' | 'fresh' | 'stale' | 'expired' | 'closed';
  /** Whether a token is being fetched right now. */
  readonly refreshing: boolean;
  /** Epoch milliseconds, like all points in time here. */
  readonly obtainedAt?: number;
  readonly expiresAt?: number;
  /** Present while the next token request has to wait. */
  readonly nextRequestAllowedAt?: number;
  /** The last failure; cleared by the next success. */
  readonly lastError?: LastError;
}

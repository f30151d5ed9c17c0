/** All reasons, one for each cause that a client cannot distinguish. */
export const REASONS = [
  'issued',
  'ok',
  'created',
  'throttled',
  'no_credentials',
  'unknown_client',
  'wrong_secret',
  'secret_expired',
  'credential_inactive',
  'credential_revoked',
  'unknown_realm',
  'wrong_realm',
  'portal_credential',
  'invalid_request',
  'unsupported_grant_type',
  'invalid_scope',
  'method_not_allowed',
  'no_token',
  'malformed_token',
  'unknown_token',
  'token_expired',
  'token_revoked',
  'insufficient_scope',
  'no_route',
  'fault',
] as const;

/** The reason for a response. `docs/emulator.md` lists the meaning of each. */
export type Reason = (typeof REASONS)[number];

/** An entry of the request log. It never contains a token, a secret, a query or a body. */
export interface RequestEntry {
  /** The time of the request by the emulator's clock, in epoch ms. */
  readonly at: number;
  /** `token`, or method and path such as `GET /customers`. */
  readonly endpoint: string;
  readonly method: string;
  /** The status of the response; 0 when a fault sent none. */
  readonly status: number;
  readonly reason: Reason;
  /** The realm in the path of a token request, or the realm of the bearer token; left out when it does not exist. */
  readonly realm?: string;
  /** The client of a token request, or the client of the bearer token; left out when it does not exist. */
  readonly clientId?: string;
}

/** Every reason a entry of the request log can give, one for each cause that a client cannot tell apart. */
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

/** Why a request was answered as it was; see `docs/emulator.md` for the meaning of each. */
export type Reason = (typeof REASONS)[number];

/** What the request log keeps of a request. It never holds a token, a secret, a query or a body. */
export interface RequestEntry {
  /** When the request was decided, by the emulator's clock, in epoch ms. */
  readonly at: number;
  /** `token`, or method and path such as `GET /customers`. */
  readonly endpoint: string;
  readonly method: string;
  /** The status that was sent; 0 when a fault let the request without an answer. */
  readonly status: number;
  readonly reason: Reason;
  /** The realm that was asked (token) or that the token belongs to; left out when it does not exist. */
  readonly realm?: string;
  /** The client id that asked or that the token belongs to; left out when it does not exist. */
  readonly clientId?: string;
}

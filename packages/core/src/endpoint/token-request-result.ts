import type { TokenRequestError } from '../error/token-request-error.ts';

/** How one token request ended. */
export type TokenRequestResult =
  /** The endpoint issued a token; `lifetimeMs` is a whole number. */
  | {
      readonly kind: 'issued';
      readonly value: string;
      readonly lifetimeMs: number;
      readonly lifetimeAssumed: boolean;
    }
  /** 401 or 403: the credentials are wrong, or the request came too soon after another one. */
  | { readonly kind: 'unauthorized'; readonly error: TokenRequestError }
  /** Anything else; a retry may help when the error is retryable. `requestSent` false: the server provably never saw the request. */
  | { readonly kind: 'failed'; readonly error: TokenRequestError; readonly requestSent: boolean };

import type { TokenRequestError } from '../error/token-request-error.ts';

/** How a token request ended. */
export type TokenAnswer =
  /** Here is a token; `lifetimeMs` is a whole number. */
  | {
      readonly kind: 'granted';
      readonly value: string;
      readonly lifetimeMs: number;
      readonly lifetimeAssumed: boolean;
    }
  /** 401 or 403: the credentials are wrong, or the request came too soon after another one. */
  | { readonly kind: 'unauthorized'; readonly error: TokenRequestError }
  /** It may work later. `requestSent` false: the server provably never saw it. */
  | { readonly kind: 'transient'; readonly error: TokenRequestError; readonly requestSent: boolean }
  /** It will not work before someone changes something. */
  | { readonly kind: 'final'; readonly error: TokenRequestError };

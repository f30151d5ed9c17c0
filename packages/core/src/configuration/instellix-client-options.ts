import type { Clock } from '../clock/clock.ts';
import type { CustomEnvironment } from '../environment/environment.ts';
import type { TokenStore } from '../store/token-store.ts';
import type { TokenEvent } from '../token/token-event.ts';

/** The environments that the vendor documents; `preview` is another name of `stage`. */
export type NamedEnvironment = 'production' | 'sandbox' | 'stage' | 'preview';

/**
 * What a client needs to know. What is left out is read from the `INSTELLIX_…` variables when the client is created; an empty
 * variable counts as not set. Unknown keys are refused. `docs/environments.md` has it all.
 */
export interface InstellixClientOptions {
  /** Where to call. There is no default: nobody reaches production by accident. @default `INSTELLIX_ENVIRONMENT` */
  readonly environment?: NamedEnvironment | CustomEnvironment | undefined;
  /** The customer instance; one path segment of the token URL, given unencoded. @default `INSTELLIX_REALM` */
  readonly realm?: string | undefined;
  /** The id of the credential; without a colon unless `basicEncoding` is `form`. @default `INSTELLIX_CLIENT_ID` */
  readonly clientId?: string | undefined;
  /**
   * The secret, or a function that is asked for it before every token request, so that a rotated secret is picked up. What
   * the function throws becomes the `cause` of a `ConfigurationError`; it has `tokenRequest.timeoutMs` to answer.
   * @default `INSTELLIX_CLIENT_SECRET`, or the content of the file that `INSTELLIX_CLIENT_SECRET_FILE` names, read before
   * every token request
   */
  readonly clientSecret?: string | (() => string | Promise<string>) | undefined;
  /** Shares tokens beyond this client. @default `memoryTokenStore()`, this client's own */
  readonly store?: TokenStore | undefined;
  /** How tokens are requested. */
  readonly tokenRequest?: TokenRequestOptions | undefined;
  /** When a token is replaced. */
  readonly refresh?: RefreshOptions | undefined;
  /** The `fetch` to use for token requests and API calls. @default `globalThis.fetch` */
  readonly fetch?: typeof fetch | undefined;
  /** Where time comes from; for tests. @default the runtime's clock */
  readonly clock?: Clock | undefined;
  /** Hears every event; what it throws is ignored. More listeners: `client.subscribe`. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined;
}

/** How tokens are requested. */
export interface TokenRequestOptions {
  /** The form of the body: `multipart` is what the vendor documents, `urlencoded` what RFC 6749 asks for. @default `multipart` */
  readonly bodyFormat?: 'multipart' | 'urlencoded' | undefined;
  /**
   * How id and secret enter the Basic header: `raw` is what the vendor documents; `form` encodes both first.
   * @default `raw` @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
   */
  readonly basicEncoding?: 'raw' | 'form' | undefined;
  /** Asks for less than all access rights; names separated by single spaces. @see https://www.rfc-editor.org/rfc/rfc6749#section-3.3 */
  readonly scope?: string | undefined;
  /** The longest one token request may take, milliseconds. @default 10_000, or `maxWaitMs` when that is less */
  readonly timeoutMs?: number | undefined;
  /**
   * The least time between the end of a token request and the next one of the same credential, milliseconds. The vendor
   * answers 401 to correct credentials within 5 seconds; lower it only against a server without that throttle.
   * @default 5_500
   */
  readonly minIntervalMs?: number | undefined;
  /** The longest a caller waits for a token, milliseconds. @default 30_000 */
  readonly maxWaitMs?: number | undefined;
}

/** When a token is replaced. */
export interface RefreshOptions {
  /** The part of its lifetime after which a token is refreshed in the background, above 0 and at most 1. @default 0.8 */
  readonly atFraction?: number | undefined;
  /** How much earlier at most, drawn at random per client so that a fleet does not refresh at once; less than `atFraction`. @default 0.05, or half of `atFraction` when that is less */
  readonly jitterFraction?: number | undefined;
  /** How long before its end a token is no longer used, milliseconds. @default 10_000, or a tenth of the lifetime when that is less */
  readonly expiryMarginMs?: number | undefined;
}

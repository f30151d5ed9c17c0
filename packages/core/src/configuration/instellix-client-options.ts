import type { Clock } from '../clock/clock.ts';
import type { CustomEnvironment } from '../environment/environment.ts';
import type { TokenStore } from '../store/token-store.ts';
import type { TokenEvent } from '../token/token-event.ts';

/** The environments that the vendor documents. `preview` is another name of `stage`. */
export type NamedEnvironment = 'production' | 'sandbox' | 'stage' | 'preview';

/**
 * The options of a client: a literal, a frozen object, or an instance of a class with getters. What is left out is read from the
 * `INSTELLIX_…` variables when the client is created; an empty variable counts as not set. `environment`, `realm`, `clientId` or
 * `clientSecret` must not be present with the value `undefined`. Unknown keys of a literal are refused. See `docs/environments.md`.
 */
export interface InstellixClientOptions {
  /** Where the API is. There is no default, so that production is never reached by accident. @default `INSTELLIX_ENVIRONMENT` */
  readonly environment?: NamedEnvironment | CustomEnvironment;
  /** The customer instance; one path segment of the token URL, given unencoded. @default `INSTELLIX_REALM` */
  readonly realm?: string;
  /** The id of the credential; without a colon unless `basicEncoding` is `form`. @default `INSTELLIX_CLIENT_ID` */
  readonly clientId?: string;
  /**
   * The secret, or a function that is called before every token request, so that a rotated secret is picked up. What the function
   * throws becomes the `cause` of a `ConfigurationError`. It must return within `tokenRequest.timeoutMs`.
   * @default `INSTELLIX_CLIENT_SECRET`, or the content of the file that `INSTELLIX_CLIENT_SECRET_FILE` names, read before
   * every token request
   */
  readonly clientSecret?: string | (() => string | Promise<string>);
  /** Shares tokens beyond this client. @default `memoryTokenStore()`, this client's own */
  readonly store?: TokenStore | undefined;
  /** How tokens are requested. */
  readonly tokenRequest?: TokenRequestOptions | undefined;
  /** When a token is refreshed. */
  readonly refresh?: RefreshOptions | undefined;
  /** The `fetch` to use for token requests and API calls. @default `globalThis.fetch` */
  readonly fetch?: typeof fetch | undefined;
  /** The source of time; for tests. @default the runtime's clock */
  readonly clock?: Clock | undefined;
  /** Called for every token event. What it throws, or rejects with, is ignored. For more listeners, use `client.subscribe`. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined;
}

/** How tokens are requested. */
export interface TokenRequestOptions {
  /** The format of the body: `multipart` as the vendor documents, `urlencoded` as RFC 6749 specifies. @default `multipart` */
  readonly bodyFormat?: 'multipart' | 'urlencoded' | undefined;
  /**
   * The encoding of id and secret in the Basic header: `raw` as the vendor documents; `form` encodes both first.
   * @default `raw` @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
   */
  readonly basicEncoding?: 'raw' | 'form' | undefined;
  /** The access rights to request, separated by single spaces; left out: all that the credential has. @see https://www.rfc-editor.org/rfc/rfc6749#section-3.3 */
  readonly scope?: string | undefined;
  /** The longest that one token request may take, in milliseconds; at most an hour. @default 10_000 */
  readonly timeoutMs?: number | undefined;
  /**
   * The minimum time between the end of a token request and the next one of the same credential, in milliseconds; at most an hour. The
   * vendor responds with 401 to correct credentials within 5 seconds, so lower it only for a server without that throttle.
   * @default `INSTELLIX_MIN_INTERVAL_MS`, or 5_500
   */
  readonly minIntervalMs?: number | undefined;
  /**
   * The longest that a caller waits for a token, in milliseconds. It may be shorter than `minIntervalMs` and `timeoutMs`, which still
   * apply to requests that no caller waits for.
   * @default 30_000
   */
  readonly maxWaitMs?: number | undefined;
}

/** When a token is refreshed. */
export interface RefreshOptions {
  /** The part of its lifetime after which a token is refreshed in the background, above 0 and at most 1. @default 0.8 */
  readonly atFraction?: number | undefined;
  /** How much earlier at most, chosen at random per client, so that a fleet does not refresh at once; less than `atFraction`. @default 0.05, or half of `atFraction` when that is less */
  readonly jitterFraction?: number | undefined;
  /** How long before its end a token is no longer used, in milliseconds. @default 10_000, or a tenth of the lifetime when that is less */
  readonly expiryMarginMs?: number | undefined;
}

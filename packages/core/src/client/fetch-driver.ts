import { rejectOnAbort } from '../clock/reject-on-abort.ts';
import { rememberApiUnreachable } from '../error/api-unreachable.ts';
import type { AccessToken } from '../token/access-token.ts';
import type { TokenSource } from '../token/token-source.ts';
import { resolveApiHref } from './api-url.ts';
import type { FetchArguments } from './fetch-arguments.ts';
import { discardStream, isStream } from './is-stream.ts';
import type { DriverResponse, RedirectDriver, RequestDriver, RequestState } from './request-driver.ts';

/** What all calls of a client have in common. */
export interface FetchContext {
  readonly apiUrl: URL;
  readonly tokens: Pick<TokenSource, 'getToken'>;
  readonly fetch: typeof fetch;
}

interface FetchResponse extends DriverResponse {
  readonly response: Response;
  /** The token that the request had. */
  readonly token: AccessToken | undefined;
}

/** One call of `client.fetch`. */
export class FetchDriver implements RequestDriver<FetchResponse>, RedirectDriver<FetchResponse> {
  readonly tokens: FetchContext['tokens'];
  readonly apiUrl: URL;
  readonly redirects = this;
  /** The body, unless `instellix.body` creates it; the one of a Request is read later. */
  body: RequestInit['body'] | undefined;
  readonly #url: string;
  readonly #fetch: typeof fetch;
  readonly #call: FetchArguments;

  /** @throws RequestRefusedError `origin_not_allowed` for a URL that is not below the API's base */
  constructor(context: FetchContext, call: FetchArguments) {
    this.tokens = context.tokens;
    this.apiUrl = context.apiUrl;
    this.body = call.body;
    this.#url = resolveApiHref(context.apiUrl, call.url);
    this.#fetch = context.fetch;
    this.#call = call;
  }

  get isResendable(): boolean {
    return !isStream(this.body);
  }

  refreshToken(rejected: AccessToken): Promise<AccessToken> {
    return this.tokens.getToken({ rejected, signal: this.#call.signal });
  }

  async send(token: AccessToken | undefined, state?: RequestState): Promise<FetchResponse> {
    const { method, redirect, signal, rest, options } = this.#call;
    const given = state?.headers ?? this.#call.headers;
    const headers: Record<string, string> = given ? Object.fromEntries(given) : {};
    if (token) headers['authorization'] = `Bearer ${token.value}`;
    let body: RequestInit['body'];
    if (state?.hasBody !== false) {
      body = options.body ? await rejectOnAbort(Promise.resolve(options.body()), signal) : this.body;
    }
    // Strings and plain objects, which every `fetch` understands.
    const init: RequestInit = {
      ...rest,
      method: state?.method ?? method,
      headers,
      // Set even if there is none: else `fetch` would read those of a polluted `Object.prototype`.
      body: body ?? null,
      signal: signal ?? null,
      // Redirects are followed here, by the rules for the token.
      redirect: redirect === 'follow' ? 'manual' : redirect,
    };
    if (isStream(body)) (init as { duplex?: string }).duplex = 'half';
    const fetch = this.#fetch;
    let response: Response;
    try {
      response = await fetch(state?.url.href ?? this.#url, init);
    } catch (error) {
      if (!signal?.aborted && isValidRequest(init)) rememberApiUnreachable(error);
      throw error;
    }
    // As on the platform. A response of a user's `fetch` may be frozen.
    if (state) Reflect.defineProperty(response, 'redirected', { value: true });
    const { status } = response;
    return { response, token, status, hadToken: token !== undefined, state };
  }

  readLocation({ response }: FetchResponse): string | null {
    return this.#call.redirect === 'follow' ? response.headers.get('location') : null;
  }

  sentState(): RequestState {
    const { method, headers } = this.#call;
    return { url: new URL(this.#url), method, headers: new Headers(headers), hasBody: true };
  }

  discard({ response }: FetchResponse): void {
    discardStream(response.body);
  }
}

/** Returns whether `fetch` can have failed for another reason than its arguments, such as a body of a GET. Both are a `TypeError`. */
function isValidRequest(init: RequestInit): boolean {
  if (globalThis.Request === undefined) return true;
  try {
    // Without a stream, which can be read only once.
    new Request('https://request.example', { ...init, body: isStream(init.body) ? '' : (init.body ?? null) });
    return true;
  } catch {
    return false;
  }
}

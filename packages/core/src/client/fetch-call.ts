import { discard } from '../endpoint/read-limited.ts';
import type { Environment } from '../environment/environment.ts';
import { ConfigurationError } from '../error/configuration-error.ts';
import type { AccessToken } from '../token/access-token.ts';
import type { TokenSource } from '../token/token-source.ts';
import type { ApiAnswer, ApiCall, Hop } from './api-call.ts';
import { resolveApiUrl } from './api-url.ts';

/** The platform's options for a request, and ours. */
export interface InstellixRequestInit extends RequestInit {
  readonly instellix?: InstellixCall | undefined;
}

/** What a call can tell us beside what it tells the platform. */
export interface InstellixCall {
  /** The access right that the operation needs, for {@link describeRefusal} when the API does not name it. */
  readonly requiredScope?: string | undefined;
  /** Makes the body, anew for each time it is sent; the way to let a stream be replayed. Takes the place of `body`. */
  readonly body?: (() => RequestInit['body'] | Promise<RequestInit['body']>) | undefined;
}

/** What all calls of a client have in common. */
export interface FetchCallParts {
  readonly environment: Pick<Environment, 'apiUrl'>;
  readonly tokens: Pick<TokenSource, 'getToken'>;
  readonly fetch: typeof fetch;
}

interface FetchAnswer extends ApiAnswer {
  readonly response: Response;
}

/** One call of `client.fetch`. */
export class FetchCall implements ApiCall<FetchAnswer> {
  readonly tokens: FetchCallParts['tokens'];
  readonly apiUrl: URL;
  readonly isReplayable: boolean;
  readonly start: Hop;
  readonly signal: AbortSignal | undefined;
  readonly #fetch: typeof fetch;
  readonly #request: Request | undefined;
  readonly #init: RequestInit;
  /** What the caller has said of this call. */
  readonly #said: InstellixCall | undefined;
  readonly #follows: boolean;

  /**
   * @throws RequestRefusedError `origin_not_allowed` for what is not below the API's base
   * @throws ConfigurationError when the call contradicts itself
   */
  constructor(parts: FetchCallParts, input: string | URL | Request, { instellix, ...init }: InstellixRequestInit) {
    const request = input instanceof Request ? input : undefined;
    const { body } = init;
    if (instellix?.body && body != null) {
      throw new ConfigurationError(['fetch: give either body or instellix.body, not both.']);
    }
    this.tokens = parts.tokens;
    this.apiUrl = parts.environment.apiUrl;
    this.isReplayable = instellix?.body !== undefined || (body == null ? !request?.body : !isStream(body));
    this.start = {
      url: resolveApiUrl(this.apiUrl, request?.url ?? String(input)),
      method: (init.method ?? request?.method ?? 'GET').toUpperCase(),
      headers: new Headers(init.headers ?? request?.headers),
      hasBody: true,
    };
    // As on the platform: null takes the signal of a Request away.
    this.signal = init.signal === undefined ? request?.signal : (init.signal ?? undefined);
    const redirect = init.redirect ?? request?.redirect ?? 'follow';
    this.#follows = redirect === 'follow';
    this.#fetch = parts.fetch;
    this.#request = request;
    this.#init = {
      ...init,
      redirect: this.#follows ? 'manual' : redirect,
      ...(this.signal && { signal: this.signal }),
    };
    this.#said = instellix;
  }

  awaitToken(rejected: AccessToken): Promise<AccessToken> {
    return this.tokens.getToken({ rejected, signal: this.signal });
  }

  async send(token: AccessToken | undefined, hop?: Hop): Promise<FetchAnswer> {
    const { url, method, headers: given, hasBody } = hop ?? this.start;
    const headers = new Headers(given);
    if (token) headers.set('authorization', `Bearer ${token.value}`);
    const body = hasBody ? ((await this.#said?.body?.()) ?? this.#init.body) : null;
    const init = { ...this.#init, method, headers, body, ...(isStream(body) && { duplex: 'half' }) };
    const fetch = this.#fetch;
    const response = await fetch((!hop && this.#request) || url, init as RequestInit);
    if (hop) Object.defineProperty(response, 'redirected', { value: true });
    const location = this.#follows ? response.headers.get('location') : null;
    return { response, status: response.status, location, boreToken: token !== undefined, hop };
  }

  sentAs(): Hop {
    return this.start;
  }

  discard({ response }: FetchAnswer): Promise<void> {
    return discard(response.body);
  }

  translate(error: TypeError): TypeError {
    return error;
  }
}

/** What is empty the second time: streams, and the async iterables that Node takes for them. */
function isStream(body: unknown): boolean {
  return body instanceof ReadableStream || Symbol.asyncIterator in Object(body);
}

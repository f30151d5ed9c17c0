import type { Environment } from '../environment/environment.ts';
import { ConfigurationError } from '../error/configuration-error.ts';
import { isInstellixError } from '../error/instellix-error.ts';
import { rememberContext } from '../refusal/describe-refusal.ts';
import type { AccessToken } from '../token/access-token.ts';
import type { TokenSource } from '../token/token-source.ts';
import { isApiUrl, resolveApiUrl } from './api-url.ts';
import { type Hop, nextHop } from './follow-redirects.ts';

/** The platform's options for a request, and ours. */
export interface InstellixRequestInit extends RequestInit {
  readonly instellix?: {
    /** The access right that the operation needs, for {@link describeRefusal} when the API does not name it. */
    readonly requiredScope?: string;
    /** Makes the body, anew for each time it is sent; the way to let a stream be replayed. Takes the place of `body`. */
    readonly body?: () => BodyInit | null | Promise<BodyInit | null>;
  };
}

/** What {@link createApiFetch} works with. */
export interface ApiFetchParts {
  readonly environment: Environment;
  readonly realm: string;
  readonly tokens: TokenSource;
  readonly fetch: typeof fetch;
}

/** As many as browsers follow. @see https://fetch.spec.whatwg.org/#http-redirect-fetch */
const mostRedirects = 20;
/** What must not travel to another origin, or with a body that is left behind. */
const privateHeaders = ['authorization', 'cookie', 'proxy-authorization'];
const bodyHeaders = ['content-encoding', 'content-language', 'content-length', 'content-location', 'content-type'];

/** Makes a `fetch` that authorises calls of the API, and nothing else. */
export function createApiFetch(parts: ApiFetchParts) {
  return async (input: string | URL | Request, init: InstellixRequestInit = {}): Promise<Response> => {
    const call = new ApiCall(parts, input, init);
    const response = await call.run();
    const { environment, realm } = parts;
    rememberContext(response, { environment: environment.name, realm, requiredScope: init.instellix?.requiredScope });
    return response;
  };
}

/** One call: its first attempt, a renewal after a 401, and one replay. */
class ApiCall {
  readonly #parts: ApiFetchParts;
  readonly #apiUrl: URL;
  readonly #url: URL;
  readonly #request: Request | undefined;
  readonly #init: RequestInit;
  readonly #makeBody: NonNullable<InstellixRequestInit['instellix']>['body'];
  readonly #headers: Headers;
  /** The caller brought an Authorization of its own: it is kept, and its 401 is the caller's concern. */
  readonly #isOwnAuthorization: boolean;
  readonly #signal: AbortSignal | undefined;
  #lastHopHadToken = false;

  constructor(parts: ApiFetchParts, input: string | URL | Request, { instellix, ...init }: InstellixRequestInit) {
    this.#parts = parts;
    this.#apiUrl = parts.environment.apiUrl;
    this.#request = input instanceof Request ? input : undefined;
    this.#url = resolveApiUrl(this.#apiUrl, input instanceof Request ? input.url : input);
    this.#init = init;
    this.#makeBody = instellix?.body;
    if (this.#makeBody && init.body != null) {
      throw new ConfigurationError(['fetch: give either body or instellix.body, not both.']);
    }
    this.#headers = new Headers(init.headers ?? this.#request?.headers);
    this.#isOwnAuthorization = this.#headers.has('authorization');
    this.#signal = init.signal ?? this.#request?.signal ?? undefined;
  }

  async run(): Promise<Response> {
    const { tokens } = this.#parts;
    if (this.#isOwnAuthorization) return this.#send(undefined);
    const token = tokens.peekToken() ?? (await tokens.getToken({ signal: this.#signal }));
    const response = await this.#send(token);
    if (response.status !== 401 || !this.#lastHopHadToken) return response;
    if (!this.#canReplay()) {
      // This caller gets its 401; the next one should not, so the renewal starts without anyone waiting for it.
      tokens.getToken({ rejected: token }).catch(() => {});
      return response;
    }
    const renewed = await this.#renew(token, response);
    if (!renewed) return response;
    return this.#send(renewed);
  }

  /** Undefined when the API refuses renewed tokens, too: then its 401 is the answer. */
  async #renew(rejected: AccessToken, response: Response): Promise<AccessToken | undefined> {
    try {
      const token = await this.#parts.tokens.getToken({ rejected, signal: this.#signal });
      // Unread, it would keep its connection from the replay.
      await response.body?.cancel();
      return token;
    } catch (error) {
      if (isInstellixError(error) && error.code === 'token_rejected') return undefined;
      await response.body?.cancel();
      throw error;
    }
  }

  /** Sends the request and follows redirects; the token goes along only below the API's base. */
  async #send(token: AccessToken | undefined): Promise<Response> {
    const redirect = this.#init.redirect ?? this.#request?.redirect ?? 'follow';
    const headers = new Headers(this.#headers);
    const method = (this.#init.method ?? this.#request?.method ?? 'GET').toUpperCase();
    let hop: Hop = { url: this.#url, method, hasBody: true };
    for (let redirects = 0; ; redirects++) {
      this.#lastHopHadToken = token !== undefined && isApiUrl(this.#apiUrl, hop.url);
      if (this.#lastHopHadToken) headers.set('authorization', `Bearer ${token?.value}`);
      else if (token) headers.delete('authorization');
      const response = await this.#sendHop(hop, headers, redirects === 0, redirect === 'follow' ? 'manual' : redirect);
      const next = redirect === 'follow' ? nextHop(response, hop) : undefined;
      if (!next) return redirects === 0 ? response : Object.defineProperty(response, 'redirected', { value: true });
      await response.body?.cancel();
      if (redirects === mostRedirects) throw new TypeError('fetch failed: too many redirects');
      if (next.hasBody && !this.#canReplay()) throw new TypeError('fetch failed: the redirect needs the body again');
      if (hop.hasBody && !next.hasBody) for (const name of bodyHeaders) headers.delete(name);
      if (next.url.origin !== hop.url.origin) for (const name of privateHeaders) headers.delete(name);
      hop = next;
    }
  }

  async #sendHop(hop: Hop, headers: Headers, isFirst: boolean, redirect: RequestRedirect): Promise<Response> {
    const init: RequestInit & { duplex?: 'half' } = { ...this.#init, headers, redirect };
    if (!isFirst || !this.#request) init.method = hop.method;
    if (this.#signal) init.signal = this.#signal;
    if (!hop.hasBody) init.body = null;
    else if (this.#makeBody) init.body = await this.#makeBody();
    if (init.body instanceof ReadableStream) init.duplex = 'half';
    return this.#parts.fetch(isFirst && this.#request ? this.#request : hop.url, init);
  }

  #canReplay(): boolean {
    if (this.#makeBody) return true;
    const { body } = this.#init;
    if (body == null) return !this.#request?.body;
    return typeof body === 'string' || replayable.some((type) => body instanceof type) || ArrayBuffer.isView(body);
  }
}

const replayable = [URLSearchParams, FormData, Blob, ArrayBuffer];

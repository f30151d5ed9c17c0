import { discard } from '../endpoint/read-limited.ts';
import type { Environment } from '../environment/environment.ts';
import { ConfigurationError } from '../error/configuration-error.ts';
import { isInstellixError } from '../error/instellix-error.ts';
import { rememberContext } from '../refusal/describe-refusal.ts';
import type { AccessToken } from '../token/access-token.ts';
import { renewInBackground } from '../token/renew-in-background.ts';
import type { TokenSource } from '../token/token-source.ts';
import { isApiUrl, resolveApiUrl } from './api-url.ts';
import { type Hop, nextHop, redirectLocation } from './follow-redirects.ts';

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

/** What {@link createApiFetch} works with. */
export interface ApiFetchParts {
  readonly environment: Environment;
  /** Realm and environment, for messages. */
  readonly subject: string;
  readonly tokens: TokenSource & {
    /** @throws RequestRefusedError `client_closed` when there are no more calls to be made */
    ensureOpen(): void;
  };
  readonly fetch: typeof fetch;
}

/** A call as its caller wants it made. */
interface Call {
  readonly request: Request | undefined;
  readonly init: RequestInit;
  readonly start: Hop;
  readonly signal: AbortSignal | undefined;
  readonly makeBody: InstellixCall['body'];
  /** False for a stream, which is empty the second time. */
  readonly isReplayable: boolean;
}

interface Answer {
  readonly response: Response;
  /** Whether the request that brought it bore our token; after a redirect it may not. */
  readonly boreToken: boolean;
}

/** As many as browsers follow. @see https://fetch.spec.whatwg.org/#http-redirect-fetch */
const mostRedirects = 20;

/** Makes a `fetch` that authorises calls of the API, and nothing else. */
export function createApiFetch({ environment, subject, tokens, fetch }: ApiFetchParts) {
  const { apiUrl } = environment;

  return async (input: string | URL | Request, init: InstellixRequestInit = {}): Promise<Response> => {
    const response = await run(readCall(apiUrl, input, init));
    rememberContext(response, { subject, requiredScope: init.instellix?.requiredScope });
    return response;
  };

  async function run(call: Call): Promise<Response> {
    const { signal } = call;
    signal?.throwIfAborted();
    // The caller brought an Authorization of its own: it is kept, and its 401 is the caller's concern.
    if (call.start.headers.has('authorization')) {
      tokens.ensureOpen();
      return (await send(call)).response;
    }
    const token = tokens.peekToken() ?? (await tokens.getToken({ signal }));
    const { response, boreToken } = await send(call, token);
    if (response.status !== 401 || !boreToken) return response;
    if (!call.isReplayable) {
      renewInBackground(tokens, token);
      return response;
    }
    let renewed: AccessToken;
    try {
      renewed = await tokens.getToken({ rejected: token, signal });
    } catch (error) {
      if (isInstellixError(error) && error.code === 'token_rejected') return response;
      await discard(response.body);
      throw error;
    }
    // Unread, it would keep its connection from the replay.
    await discard(response.body);
    return (await send(call, renewed)).response;
  }

  /** Sends the request and follows redirects; the token goes along only below the API's base. */
  async function send(call: Call, token?: AccessToken): Promise<Answer> {
    const { init, request, start, signal, makeBody, isReplayable } = call;
    const redirect = init.redirect ?? request?.redirect ?? 'follow';
    const follows = redirect === 'follow';
    let hop = start;
    // Whoever stands outside of the API and in the chain decides what is asked for behind; not with our token.
    let isTrusted = token !== undefined;
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const headers = new Headers(hop.headers);
      isTrusted &&= isApiUrl(apiUrl, hop.url);
      if (token && isTrusted) headers.set('authorization', `Bearer ${token.value}`);
      const body = hop.hasBody ? ((await makeBody?.()) ?? init.body) : null;
      const response = await fetch(hop === start && request ? request : hop.url, {
        ...init,
        method: hop.method,
        headers,
        body,
        redirect: follows ? 'manual' : redirect,
        ...(signal && { signal }),
        ...(isStream(body) && { duplex: 'half' }),
      } as RequestInit);
      const location = follows && redirectLocation(response.status, response.headers.get('location'));
      if (!location) {
        if (hop !== start) Object.defineProperty(response, 'redirected', { value: true });
        return { response, boreToken: isTrusted };
      }
      await discard(response.body);
      const next = nextHop(response.status, location, hop);
      if (next.hasBody && !isReplayable) throw new TypeError('fetch failed: the redirect needs the body again');
      hop = next;
    }
    throw new TypeError('fetch failed: too many redirects');
  }
}

function readCall(apiUrl: URL, input: string | URL | Request, { instellix, ...init }: InstellixRequestInit): Call {
  const request = input instanceof Request ? input : undefined;
  const makeBody = instellix?.body;
  const { body } = init;
  if (makeBody && body != null) throw new ConfigurationError(['fetch: give either body or instellix.body, not both.']);
  const isReplayable = makeBody !== undefined || (body == null ? !request?.body : !isStream(body));
  const start = {
    url: resolveApiUrl(apiUrl, request?.url ?? String(input)),
    method: (init.method ?? request?.method ?? 'GET').toUpperCase(),
    headers: new Headers(init.headers ?? request?.headers),
    hasBody: true,
  };
  // As on the platform: null takes the signal of a Request away.
  const signal = init.signal === undefined ? request?.signal : (init.signal ?? undefined);
  return { request, init, start, signal, makeBody, isReplayable };
}

/** What is empty the second time: streams, and the async iterables that Node takes for them. */
function isStream(body: unknown): boolean {
  return body instanceof ReadableStream || Symbol.asyncIterator in Object(body);
}

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
    readonly body?: () => RequestInit['body'] | Promise<RequestInit['body']>;
  };
}

/** What {@link createApiFetch} works with. */
export interface ApiFetchParts {
  readonly environment: Environment;
  /** Realm and environment, for messages. */
  readonly subject: string;
  readonly tokens: TokenSource;
  readonly fetch: typeof fetch;
}

/** A call as its caller wants it made, and how to make it. */
interface Call {
  readonly url: URL;
  readonly request: Request | undefined;
  readonly init: RequestInit;
  readonly headers: Headers;
  readonly makeBody: (() => RequestInit['body'] | Promise<RequestInit['body']>) | undefined;
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
export function createApiFetch(parts: ApiFetchParts) {
  const { subject, tokens } = parts;
  const { apiUrl } = parts.environment;

  return async (input: string | URL | Request, init: InstellixRequestInit = {}): Promise<Response> => {
    const call = readCall(apiUrl, input, init);
    const response = await run(call);
    rememberContext(response, { subject, requiredScope: init.instellix?.requiredScope });
    return response;
  };

  async function run(call: Call): Promise<Response> {
    // The caller brought an Authorization of its own: it is kept, and its 401 is the caller's concern.
    if (call.headers.has('authorization')) return (await send(call)).response;
    const signal = call.init.signal ?? call.request?.signal;
    const token = tokens.peekToken() ?? (await tokens.getToken({ signal }));
    const { response, boreToken } = await send(call, token);
    if (response.status !== 401 || !boreToken) return response;
    const renewal = tokens.getToken({ rejected: token, signal });
    if (!call.isReplayable) {
      // This caller gets its 401; the next one should not, so the renewal goes on without anyone waiting for it.
      renewal.catch(() => {});
      return response;
    }
    let renewed: AccessToken;
    try {
      renewed = await renewal;
    } catch (error) {
      if (isInstellixError(error) && error.code === 'token_rejected') return response;
      throw error;
    }
    // Unread, it would keep its connection from the replay.
    await response.body?.cancel();
    return (await send(call, renewed)).response;
  }

  /** Sends the request and follows redirects; the token goes along only below the API's base. */
  async function send(call: Call, token?: AccessToken): Promise<Answer> {
    const { init, request } = call;
    const redirect = init.redirect ?? request?.redirect ?? 'follow';
    const follows = redirect === 'follow';
    const method = (init.method ?? request?.method ?? 'GET').toUpperCase();
    let hop: Hop = { url: call.url, method, hasBody: true };
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const headers = hopHeaders(call, hop);
      const boreToken = token !== undefined && isApiUrl(apiUrl, hop.url);
      if (boreToken) headers.set('authorization', `Bearer ${token.value}`);
      const response = await parts.fetch(redirects === 0 && request ? request : hop.url, {
        ...init,
        headers,
        redirect: follows ? 'manual' : redirect,
        ...((redirects > 0 || !request) && { method: hop.method }),
        ...(await hopBody(call, hop)),
      });
      const next = follows ? nextHop(response, hop) : undefined;
      if (!next) {
        if (redirects > 0) Object.defineProperty(response, 'redirected', { value: true });
        return { response, boreToken };
      }
      await response.body?.cancel();
      if (next.hasBody && !call.isReplayable) throw new TypeError('fetch failed: the redirect needs the body again');
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
  const isReplayable =
    makeBody !== undefined ||
    (body == null ? !request?.body : !(body instanceof ReadableStream || Symbol.asyncIterator in Object(body)));
  const headers = new Headers(init.headers ?? request?.headers);
  return { url: resolveApiUrl(apiUrl, request?.url ?? String(input)), request, init, headers, makeBody, isReplayable };
}

/** Leaves behind what must not reach another origin, and what belongs to a body that is left behind. */
function hopHeaders({ headers, url }: Call, hop: Hop): Headers {
  const left = [hop.url.origin !== url.origin && '(proxy-)?authorization|cookie', !hop.hasBody && 'content-.*'];
  const pattern = new RegExp(`^(${left.filter(Boolean).join('|')})$`);
  return new Headers([...headers].filter(([name]) => !pattern.test(name)));
}

async function hopBody({ makeBody, init }: Call, { hasBody }: Hop): Promise<RequestInit & { duplex?: 'half' }> {
  if (!hasBody) return { body: null };
  const body = makeBody ? await makeBody() : init.body;
  return { ...(makeBody && { body: body ?? null }), ...(body instanceof ReadableStream && { duplex: 'half' }) };
}

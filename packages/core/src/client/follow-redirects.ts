import { rememberApiUnreachable } from '../error/api-unreachable.ts';
import type { AccessToken } from '../token/access-token.ts';
import { isApiUrl } from './api-url.ts';
import type { DriverResponse, RequestDriver, RequestState } from './request-driver.ts';

/** As many as browsers follow. @see https://fetch.spec.whatwg.org/#http-redirect-fetch */
const defaultMaxRedirects = 20;
/** Headers that a redirect to another origin removes. */
const privateHeaders = ['authorization', 'cookie', 'host', 'proxy-authorization'];

/** Returns whether a response with a `Location` is a redirect. @see https://fetch.spec.whatwg.org/#redirect-status */
export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/**
 * Follows redirects to the response that redirects no further. The token goes along only below the API's base.
 *
 * @throws TypeError as the platform's `fetch` does, for a redirect that cannot be followed
 */
export async function followRedirects<Response extends DriverResponse>(
  driver: RequestDriver<Response>,
  first: Response,
  token: AccessToken | undefined,
): Promise<Response> {
  const { redirects: rules } = driver;
  if (!rules) return first;
  let response = first;
  for (let followed = 0; response.location; followed++) {
    driver.discard(response);
    let next: RequestState;
    try {
      // False for NaN, too, which an adapter may pass on from its caller.
      const mayFollow = followed < (rules.maxRedirects ?? defaultMaxRedirects);
      if (!mayFollow) throw new TypeError('Cannot follow the redirect: too many redirects');
      next = nextState(response.status, response.location, response.state ?? rules.sentState(response));
      if (next.hasBody && !driver.isResendable)
        throw new TypeError(
          'Cannot follow the redirect: it requires the body again, which is a stream. Create it in instellix.body.',
        );
    } catch (error) {
      rememberApiUnreachable(error);
      throw error;
    }
    // After a redirect has left the API, the token is never attached again, even if a later redirect returns: an outside host chose that
    // URL.
    const mayHaveToken = response.hadToken && isApiUrl(rules.apiUrl, next.url);
    response = await driver.send(mayHaveToken ? token : undefined, next);
  }
  return response;
}

/**
 * Returns how a redirect changes a request, by the rules of the Fetch standard. {@link isApiUrl} decides about the token.
 *
 * @throws TypeError as the platform's fetch does
 * @see https://fetch.spec.whatwg.org/#http-redirect-fetch
 */
export function nextState(status: number, location: string, state: RequestState): RequestState {
  // Header values are bytes, each of which has become a character.
  const target = location.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
  const url = URL.canParse(target, state.url) ? new URL(target, state.url) : undefined;
  if (!url?.protocol.startsWith('http'))
    throw new TypeError('Cannot follow the redirect: it does not lead to an HTTP URL');
  const becomesGet = status < 303 ? state.method === 'POST' : status === 303 && !['GET', 'HEAD'].includes(state.method);
  const headers = new Headers(state.headers);
  for (const name of state.headers.keys()) {
    const describesBody = becomesGet && name.startsWith('content-');
    const isPrivate = url.origin !== state.url.origin && privateHeaders.includes(name);
    if (describesBody || isPrivate) headers.delete(name);
  }
  return { url, method: becomesGet ? 'GET' : state.method, headers, hasBody: state.hasBody && !becomesGet };
}

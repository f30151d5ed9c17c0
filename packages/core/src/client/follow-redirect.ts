import { rememberApiUnreachable } from '../error/api-unreachable.ts';
import type { DriverResponse, RedirectDriver, RequestDriver, RequestState } from './request-driver.ts';

/** As many as browsers follow. @see https://fetch.spec.whatwg.org/#http-redirect-fetch */
const defaultMaxRedirects = 20;
/** @see https://fetch.spec.whatwg.org/#redirect-status */
const redirectStatuses = [301, 302, 303, 307, 308];
/** Headers that a redirect to another origin removes. */
const privateHeaders = ['authorization', 'cookie', 'host', 'proxy-authorization'];

/**
 * Discards the response of a redirect, and returns the request that it leads to; undefined for a response that is not to be followed.
 *
 * @param followed how many redirects have been followed before
 * @throws TypeError as the platform's `fetch` does, for a redirect that cannot be followed
 */
export function followRedirect<Response extends DriverResponse>(
  driver: RequestDriver<Response>,
  rules: RedirectDriver<Response>,
  response: Response,
  followed: number,
): RequestState | undefined {
  const location = redirectStatuses.includes(response.status) ? rules.readLocation(response) : null;
  if (!location) return undefined;
  driver.discard(response);
  // False for NaN, too, which an adapter may pass on from its caller.
  const mayFollow = followed < (rules.maxRedirects ?? defaultMaxRedirects);
  if (!mayFollow) refuseRedirect('more redirects than are allowed');
  const next = nextState(response.status, location, response.state ?? rules.sentState(response));
  if (next.hasBody && !driver.isResendable) refuseRedirect('it requires the body again; use instellix.body');
  return next;
}

/**
 * Returns how a redirect changes a request, by the rules of the Fetch standard.
 *
 * @throws TypeError as the platform's fetch does
 * @see https://fetch.spec.whatwg.org/#http-redirect-fetch
 */
export function nextState(status: number, location: string, state: RequestState): RequestState {
  // Header values are bytes, each of which has become a character.
  const target = location.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
  const url = URL.canParse(target, state.url) ? new URL(target, state.url) : undefined;
  if (!url?.protocol.startsWith('http')) refuseRedirect('it does not lead to an HTTP URL');
  const becomesGet = status < 303 ? state.method === 'POST' : status === 303 && !['GET', 'HEAD'].includes(state.method);
  const headers = new Headers(state.headers);
  for (const name of state.headers.keys()) {
    const describesBody = becomesGet && name.startsWith('content-');
    const isPrivate = url.origin !== state.url.origin && privateHeaders.includes(name);
    if (describesBody || isPrivate) headers.delete(name);
  }
  return { url, method: becomesGet ? 'GET' : state.method, headers, hasBody: state.hasBody && !becomesGet };
}

/** To its caller, a redirect that cannot be followed is an API that was not reached. */
function refuseRedirect(why: string): never {
  const error = new TypeError(`Cannot follow the redirect: ${why}`);
  rememberApiUnreachable(error);
  throw error;
}

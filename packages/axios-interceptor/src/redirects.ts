import { isApiUrl, type RequestState } from '@instellix/core/adapter';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { AxiosCall } from './axios-call.ts';
import { isAuthorization } from './copy-config.ts';

const unfollowed = { redirect: 'manual' };

/**
 * Watches where the http adapter is redirected to: the token goes along below the API's base, and nowhere else.
 *
 * The fetch adapter is told not to follow: `fetch` itself would take the token along to all of the API's origin, also outside
 * of its base path.
 */
export function guardRedirects(call: AxiosCall, sent: InternalAxiosRequestConfig): void {
  const { transport, beforeRedirect: own, fetchOptions } = sent;
  if (isFollowing(fetchOptions)) sent.fetchOptions = fetchOptions ? { ...fetchOptions, ...unfollowed } : unfollowed;
  // After a redirect has left the API, the token is never attached again: an outside host chose what is requested next.
  let isTrusted = call.hadToken;
  const guard: typeof own = (options, answer, request) => {
    const headers: Record<string, unknown> = options['headers'];
    removeAuthorization(headers);
    // The caller's own function may log what it is shown.
    if (request?.headers) removeAuthorization(request.headers);
    if (!transport) own?.(options, answer, request);
    isTrusted &&= isApiUrl(call.apiUrl, new URL(options['href']));
    const isOwn = Object.keys(headers).some((name) => isAuthorization(name) && headers[name] != null);
    if (isTrusted && !isOwn) {
      removeAuthorization(headers);
      headers['Authorization'] = call.bearer;
    }
    call.hadToken = headers['Authorization'] === call.bearer;
    call.hasBecomeGet = options['method'] !== (call.config.method ?? 'get').toUpperCase();
  };
  sent.beforeRedirect = guard;
  if (!transport) return;
  // Axios does not offer `beforeRedirect` to a transport of the caller's own, which may follow redirects all the same.
  const request = (options: { beforeRedirects: { config?: typeof guard } }, ...rest: unknown[]) => {
    options.beforeRedirects.config = guard;
    return transport.request(options, ...rest);
  };
  sent.transport = { request };
}

/** Where an answer leads that the adapter was told not to follow. */
export function readLocation({ headers, request }: AxiosResponse, config: InternalAxiosRequestConfig): string | null {
  // An adapter of the caller's own may give none.
  const location: unknown = headers?.['location'];
  const isFollowed = config.maxRedirects !== 0 && isFollowing(config.fetchOptions);
  return isFollowed && request?.redirect === 'manual' && typeof location === 'string' ? location : null;
}

/** What the fetch adapter has sent. */
export function readSent({ request }: AxiosResponse): RequestState {
  return { url: new URL(request.url), method: request.method, headers: new Headers(request.headers), hasBody: true };
}

/** Makes of a call what a redirect has made of it. */
export function applyState(sent: InternalAxiosRequestConfig, { url, method, headers, hasBody }: RequestState): void {
  for (const name of Object.keys(sent.headers)) if (!headers.has(name)) sent.headers.delete(name);
  Object.assign(sent, { baseURL: undefined, url: url.href, params: undefined, method });
  if (!hasBody) sent.data = undefined;
}

function removeAuthorization(headers: Record<string, unknown>): void {
  for (const name of Object.keys(headers)) if (isAuthorization(name)) delete headers[name];
}

function isFollowing(fetchOptions: InternalAxiosRequestConfig['fetchOptions']): boolean {
  return !fetchOptions?.redirect || fetchOptions.redirect === 'follow';
}

import { isApiUrl, nextHop, redirectLocation } from '@instellix/core';
import type { AxiosRequestHeaders, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { ApiCall } from './api-call.ts';

/** Watches where the http adapter is redirected to: the token goes along below the API's base, and nowhere else. */
export function guardRedirects(call: ApiCall, sent: InternalAxiosRequestConfig): void {
  const { transport, beforeRedirect: own } = sent;
  // Whoever stands outside of the API and in the chain decides what is asked for behind; not with our token.
  let isTrusted = true;
  const guard: typeof own = (options, answer, request) => {
    const headers: Record<string, unknown> = options['headers'];
    delete headers['Authorization'];
    // What the caller's own function is shown, it may log.
    delete request?.headers['Authorization'];
    if (!transport) own?.(options, answer, request);
    isTrusted &&= isApiUrl(call.scope.client.environment.apiUrl, new URL(options['href']));
    if (isTrusted) headers['Authorization'] ??= call.bearer;
    call.boreToken = headers['Authorization'] === call.bearer;
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

/** Where the fetch adapter has been redirected to. */
export interface Hop {
  readonly url: URL;
  readonly hasBody: boolean;
  /** What is sent there in place of what the config says. */
  readonly changes: { readonly headers: AxiosRequestHeaders; readonly [name: string]: unknown };
}

/**
 * Reads a redirect that the fetch adapter was told not to follow: `fetch` itself would take the token along to all of the
 * API's origin, also outside of its base path.
 *
 * @see https://fetch.spec.whatwg.org/#http-redirect-fetch
 */
export function readHop({ status, headers, request }: AxiosResponse, sent: AxiosRequestHeaders): Hop | undefined {
  // An adapter of the caller's own may give none.
  const header: unknown = headers?.['location'];
  const location = redirectLocation(status, typeof header === 'string' ? header : null);
  if (request?.redirect !== 'manual' || !location || !URL.canParse(location, request.url)) return undefined;
  const before = {
    url: new URL(request.url),
    method: request.method,
    headers: new Headers(request.headers),
    hasBody: true,
  };
  const { url, headers: kept, hasBody } = nextHop(status, location, before);
  const next = sent.concat() as AxiosRequestHeaders;
  for (const name of Object.keys(next)) if (!kept.has(name)) next.delete(name);
  next.delete('authorization');
  const changes = { baseURL: undefined, url: url.href, params: undefined, headers: next };
  return { url, hasBody, changes: hasBody ? changes : { ...changes, method: 'get', data: undefined } };
}

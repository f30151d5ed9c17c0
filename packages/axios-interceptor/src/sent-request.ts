import type { RequestState } from '@instellix/core/adapter';
import type { AxiosRequestHeaders, InternalAxiosRequestConfig } from 'axios';
import type { CallUrl } from './call-url.ts';
import { guardTransport, type RedirectGuard } from './redirect-guard.ts';

/** A request as an adapter gets it. */
export interface SentRequest {
  /** Our copy of the caller's config, with the token. */
  readonly config: InternalAxiosRequestConfig;
  readonly guard: RedirectGuard;
}

/** Prepares the caller's own request, or the one that redirects have made of it: with a token or without. */
export function prepareRequest(
  config: InternalAxiosRequestConfig,
  parts: CallUrl,
  guard: RedirectGuard,
  state: RequestState | undefined,
): SentRequest {
  const beforeRedirect = guard.createHook(config.beforeRedirect);
  const headers = copyHeaders(config.headers, guard.bearer, state);
  const sent: InternalAxiosRequestConfig = { ...config, headers, beforeRedirect };
  const redirected = state && { baseURL: undefined, url: state.url.href, params: undefined, method: state.method };
  Object.assign(sent, redirected ?? parts);
  // Axios does not offer it `beforeRedirect`.
  if (config.transport) sent.transport = guardTransport(config.transport, guard);
  // `fetch` itself would take the token along to all of the API's origin, outside of its base path, too.
  const redirect = config.fetchOptions?.['redirect'] || 'follow';
  sent.fetchOptions = { ...config.fetchOptions, redirect: redirect === 'follow' ? 'manual' : redirect };
  if (state?.hasBody === false) sent.data = undefined;
  return { config: sent, guard };
}

/** Returns whether redirects are ours to follow when the fetch adapter sends the call. */
export function followsRedirects({ maxRedirects, fetchOptions }: InternalAxiosRequestConfig): boolean {
  return maxRedirects !== 0 && (fetchOptions?.['redirect'] || 'follow') === 'follow';
}

/** Copies the caller's headers, without those that redirects have removed. `AxiosHeaders` compares names without regard to case. */
function copyHeaders(given: AxiosRequestHeaders, bearer: string | undefined, state: RequestState | undefined) {
  const headers = given.concat();
  if (state) for (const name of Object.keys(given)) if (!state.headers.has(name)) headers.delete(name);
  if (bearer !== undefined) headers.set('Authorization', bearer);
  return headers;
}

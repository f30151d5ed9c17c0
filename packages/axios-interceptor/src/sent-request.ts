import type { RequestState } from '@instellix/core/adapter';
import type { InternalAxiosRequestConfig } from 'axios';
import { guardTransport, type RedirectGuard } from './redirect-guard.ts';

/** A request as an adapter gets it. */
export interface SentRequest {
  /** Our copy of the caller's config, with the token. */
  readonly config: InternalAxiosRequestConfig;
  /** The caller's config. The token is never put into it. */
  readonly callerConfig: InternalAxiosRequestConfig;
  readonly guard: RedirectGuard;
  /** The body that `instellix.body` created for the request. */
  readonly madeBody: unknown;
}

/** Prepares the caller's own request, or the one that redirects have made of it: with a token or without. */
export function prepareRequest(
  callerConfig: InternalAxiosRequestConfig,
  parts: object,
  guard: RedirectGuard,
  madeBody: unknown,
  state: RequestState | undefined,
): SentRequest {
  const { beforeRedirect, transport, fetchOptions } = callerConfig;
  // Without those that redirects have removed. `AxiosHeaders` compares names without regard to case.
  const headers = callerConfig.headers.concat();
  if (state) for (const name of Object.keys(headers.toJSON())) if (!state.headers.has(name)) headers.delete(name);
  if (guard.bearer !== undefined) headers.set('Authorization', guard.bearer);
  const redirected = state && { baseURL: undefined, url: state.url.href, params: undefined, method: state.method };
  const config: InternalAxiosRequestConfig = {
    ...callerConfig,
    ...(redirected ?? parts),
    headers,
    beforeRedirect: guard.createHook(beforeRedirect),
  };
  if (state?.hasBody === false) config.data = undefined;
  else if (madeBody !== undefined) config.data = madeBody;
  // Axios does not offer it `beforeRedirect`.
  if (transport) config.transport = guardTransport(transport, guard);
  // `fetch` itself would take the token along to all of the API's origin, outside of its base path, too.
  if (isFetchToFollow(callerConfig)) config.fetchOptions = { ...fetchOptions, redirect: 'manual' };
  return { config, callerConfig, guard, madeBody };
}

/** Returns whether the fetch adapter is to follow redirects, as far as `maxRedirects` allows. Then they are ours to follow. */
export function isFetchToFollow({ fetchOptions }: InternalAxiosRequestConfig): boolean {
  return (fetchOptions?.['redirect'] || 'follow') === 'follow';
}

import type { AxiosRequestHeaders, InternalAxiosRequestConfig } from 'axios';

/** What is requested: at first what the caller has asked for, later what redirects have made of it. */
export interface RequestTarget {
  /** Without the `params` of the call. */
  readonly url: URL;
  readonly method: string;
  /** The caller's headers. The token is never put into them. */
  readonly headers: AxiosRequestHeaders;
  readonly mayHaveToken: boolean;
}

/** A request as an adapter gets it. */
export interface SentRequest {
  /** Our copy of the caller's config, with the token. */
  readonly config: InternalAxiosRequestConfig;
  /** The caller's config. The token is never put into it. */
  readonly callerConfig: InternalAxiosRequestConfig;
  readonly target: RequestTarget;
  /** The value of our Authorization header; undefined without the token. */
  readonly bearer: string | undefined;
  /** The body that `instellix.body` created for the request. */
  readonly madeBody: unknown;
}

/**
 * Prepares the config of a request, with the token or without. No adapter follows redirects: core does, by the rules for the token.
 *
 * @param parts the fields of the config that make the URL
 */
export function prepareRequest(
  callerConfig: InternalAxiosRequestConfig,
  target: RequestTarget,
  parts: object,
  bearer: string | undefined,
): InternalAxiosRequestConfig {
  const { fetchOptions } = callerConfig;
  const headers = target.headers.concat();
  if (bearer !== undefined) headers.set('Authorization', bearer);
  const config: InternalAxiosRequestConfig = { ...callerConfig, ...parts, headers, maxRedirects: 0 };
  // The fetch adapter of Axios before 1.21 ignores `maxRedirects`.
  if (redirectMode(callerConfig) === 'follow') config.fetchOptions = { ...fetchOptions, redirect: 'manual' };
  return config;
}

/** Returns what is to become of redirects. `fetchOptions.redirect` applies to all adapters. */
export function redirectMode({ fetchOptions }: InternalAxiosRequestConfig): string {
  return fetchOptions?.['redirect'] || 'follow';
}

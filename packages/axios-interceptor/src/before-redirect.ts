import { urlToHttpOptions } from 'node:url';
import { isApiHost, isApiUrl } from '@instellix/core/adapter';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { AxiosBuild } from './axios-build.ts';
import type { RequestTarget } from './sent-request.ts';

type BeforeRedirect = NonNullable<InternalAxiosRequestConfig['beforeRedirect']>;

/** A redirect that is about to be followed. */
interface Redirect {
  readonly from: RequestTarget;
  readonly to: RequestTarget;
  readonly response: AxiosResponse;
}

/**
 * Calls the caller's `beforeRedirect` as the http adapter of Axios does, but without the token, and returns what is requested then. It
 * may change `headers`, `auth`, `method` and the parts of the URL. The token goes along if they still are for the API.
 */
export function callBeforeRedirect(
  { AxiosHeaders }: Pick<AxiosBuild, 'AxiosHeaders'>,
  apiUrl: URL,
  own: BeforeRedirect,
  { from, to, response }: Redirect,
): RequestTarget {
  const options = { ...urlToHttpOptions(to.url), method: to.method, headers: { ...to.headers } };
  const answer = { headers: response.headers as Record<string, string>, statusCode: response.status as never };
  own(options, answer, {
    url: from.url.href,
    method: from.method,
    headers: { ...from.headers } as Record<string, string>,
  });
  const { protocol, hostname, port, path, auth, method } = options;
  const host = String(hostname).includes(':') ? `[${hostname}]` : hostname;
  const url = new URL(`${protocol}//${host}:${port ?? ''}${path}`);
  const headers = new AxiosHeaders(options.headers);
  if (auth) headers.set('Authorization', `Basic ${Buffer.from(String(auth)).toString('base64')}`);
  const isForApi = isApiUrl(apiUrl, url) && isApiHost(apiUrl, headers.get('Host'));
  return { url, method, headers, mayHaveToken: isForApi && !headers.has('Authorization') };
}

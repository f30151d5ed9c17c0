import { isApiHost, isApiUrl } from '@instellix/core/adapter';
import type { InternalAxiosRequestConfig } from 'axios';

type BeforeRedirect = NonNullable<InternalAxiosRequestConfig['beforeRedirect']>;

interface Transport {
  request(options: { beforeRedirect?: BeforeRedirect }, ...rest: unknown[]): unknown;
}

/** Follows the redirects of one request that the http adapter makes: the token goes along below the API's base, and nowhere else. */
export class RedirectGuard {
  /** Whether the last request had the token. */
  hadToken: boolean;
  /** The last URL and method. */
  url: string;
  method: string;
  readonly bearer: string | undefined;
  readonly #apiUrl: URL;
  /** False once a redirect has left the API: an outside host then chooses what is requested next. */
  #isTrusted: boolean;

  constructor(apiUrl: URL, bearer: string | undefined, url: string, method: string) {
    this.#apiUrl = apiUrl;
    this.bearer = bearer;
    this.hadToken = this.#isTrusted = bearer !== undefined;
    this.url = url;
    this.method = method;
  }

  /** Returns the `beforeRedirect` of the request. The caller's own gets no token. When it changes the target, the token is lost. */
  createHook(own: BeforeRedirect | undefined): BeforeRedirect {
    return (options, response, request) => {
      options['headers'] = withoutAuthorization(options['headers']);
      const target = targetOf(options);
      own?.(options, response, request && { ...request, headers: withoutAuthorization(request.headers) });
      this.url = options['href'];
      this.method = options['method'];
      this.#isTrusted &&= targetOf(options) === target && isApiUrl(this.#apiUrl, new URL(this.url));
      const headers: Record<string, string> = options['headers'];
      const hosts = Object.keys(headers).filter((name) => name.toLowerCase() === 'host');
      this.#isTrusted &&= hosts.every((name) => isApiHost(this.#apiUrl, headers[name]));
      this.hadToken = this.#isTrusted && !Object.keys(headers).some(isAuthorization);
      if (this.hadToken) headers['Authorization'] = this.bearer as string;
    };
  }
}

/** Adds the hook to a transport of the caller's own, which may follow redirects, and to which Axios does not pass `beforeRedirect`. */
export function guardTransport(transport: Transport, hook: BeforeRedirect): Transport {
  const request: Transport['request'] = (options, ...rest) => {
    const { beforeRedirect } = options;
    const both: BeforeRedirect = (...args) => {
      beforeRedirect?.(...args);
      hook(...args);
    };
    // Without the prototype, as Axios makes it.
    return transport.request(Object.assign(Object.create(null), options, { beforeRedirect: both }), ...rest);
  };
  return { request };
}

/** Returns where a redirected request is sent, and with which credentials. `href` is not sufficient: with a proxy, `hostname` is that of the proxy. */
function targetOf({ href, protocol, hostname, host, port, path, auth }: Record<string, unknown>): string {
  return JSON.stringify([href, protocol, hostname, host, port, path, auth]);
}

function withoutAuthorization(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isAuthorization(name)));
}

/** Header names are compared without regard to case. @see https://www.rfc-editor.org/rfc/rfc9110#section-5.1 */
function isAuthorization(name: string): boolean {
  return name.toLowerCase() === 'authorization';
}

import { isApiHost, isApiUrl } from '@instellix/core/adapter';
import type { InternalAxiosRequestConfig } from 'axios';
import { parseUrl } from './call-url.ts';

type BeforeRedirect = NonNullable<InternalAxiosRequestConfig['beforeRedirect']>;

interface Transport {
  request(options: { beforeRedirect?: BeforeRedirect }, ...rest: unknown[]): unknown;
}

/** Follows the redirects of one request that the http adapter makes: the token goes along below the API's base, and nowhere else. */
export class RedirectGuard {
  /** Whether the last request had the token. Once it is lost, it stays lost: an outside host may choose what is requested next. */
  hadToken: boolean;
  /** The last URL and method. */
  url: URL;
  method: string;
  readonly bearer: string | undefined;
  readonly #apiUrl: URL;

  constructor(apiUrl: URL, bearer: string | undefined, url: URL, method: string) {
    this.#apiUrl = apiUrl;
    this.bearer = bearer;
    this.hadToken = bearer !== undefined;
    this.url = url;
    this.method = method;
  }

  /** Returns the `beforeRedirect` of the request. The caller's own gets no token. When it changes the target, the token is lost. */
  createHook(own: BeforeRedirect | undefined): BeforeRedirect {
    return (options, response, request) => {
      options['headers'] = withoutAuthorization(options['headers']);
      const target = targetOf(options);
      own?.(options, response, request && { ...request, headers: withoutAuthorization(request.headers) });
      // A transport of the caller's own may pass none, and its `beforeRedirect` may set one that is no URL.
      const url = parseUrl(String(options['href']));
      this.url = url ?? this.url;
      this.method = options['method'];
      this.hadToken &&= url !== undefined && isApiUrl(this.#apiUrl, url) && targetOf(options) === target;
      this.hadToken &&= Object.entries(options['headers']).every(
        // A header that the caller has set may replace the token, or name another site of the same server.
        ([name, value]) => !isAuthorization(name) && (name.toLowerCase() !== 'host' || isApiHost(this.#apiUrl, value)),
      );
      if (this.hadToken) options['headers'].Authorization = this.bearer;
    };
  }
}

/** Guards a transport of the caller's own, which may follow redirects, and to which Axios passes only a `beforeRedirect` of its own. */
export function guardTransport(transport: Transport, guard: RedirectGuard): Transport {
  const request: Transport['request'] = (options, ...rest) => {
    const hook = guard.createHook(undefined);
    const beforeRedirect: BeforeRedirect = (...args) => {
      // Where a proxy is used, it changes the host.
      options.beforeRedirect?.(...args);
      hook(...args);
    };
    // Without the prototype, as Axios makes it.
    return transport.request(Object.assign(Object.create(null), options, { beforeRedirect }), ...rest);
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

import http, { type ClientRequest, type RequestOptions } from 'node:http';
import https from 'node:https';

/** What makes the requests of the http adapter, such as `node:http` or follow-redirects. */
interface Transport {
  request(options: object, ...rest: unknown[]): ClientRequest;
}

/**
 * Returns a transport that follows no redirects, for a caller's own one and for a call with a timeout.
 *
 * Axios before 1.16 leaves it to follow-redirects that the timeout counts from the start, and not only once the request is connected.
 */
export function createTransport(own: Transport | undefined, timeoutMs: number | undefined): Transport {
  return {
    request(options: RequestOptions, ...rest) {
      const native = options.protocol?.startsWith('https') ? https : http;
      // An option of follow-redirects. Without the prototype, as Axios makes it.
      const unfollowed = Object.assign(Object.create(null), options, { followRedirects: false });
      const request = (own ?? (native as Transport)).request(unfollowed, ...rest);
      if (timeoutMs !== undefined) {
        const timer = setTimeout(() => request.emit('timeout'), timeoutMs);
        const stop = () => clearTimeout(timer);
        request.once('response', stop).once('close', stop);
      }
      return request;
    },
  };
}

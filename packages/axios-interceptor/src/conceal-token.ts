/** What may hang on the request that an adapter leaves behind: Node's, that of follow-redirects, or fetch's. */
interface UsedRequest {
  readonly headers?: { delete?(name: string): unknown };
  readonly res?: object;
  readonly _redirectable?: UsedRequest;
  readonly _currentRequest?: UsedRequest;
  readonly _options?: object;
}

/**
 * Keeps a request that has been sent from showing its token, or those of other requests, to whatever logs it.
 *
 * The request stays what it was for code that uses it. A logger finds nothing to follow: from Node's requests, sockets and
 * agents lead to all other requests that are under way.
 */
export function concealToken(request: UsedRequest, bearer: string): void {
  // A Request of fetch was copied when it was sent, so this one may forget.
  if (typeof request.headers?.delete === 'function') {
    request.headers.delete('authorization');
    return;
  }
  const outer = request._redirectable ?? request;
  const inner = outer._currentRequest ?? request;
  for (const part of new Set([request, outer, inner, inner.res, outer._options])) if (part) cover(part, bearer);
}

/** Turns all objects that are held into getters, and takes the token out of headers and texts. */
function cover(part: object, bearer: string): void {
  for (const key of Reflect.ownKeys(part)) {
    const property = Object.getOwnPropertyDescriptor(part, key);
    if (!property?.configurable) continue;
    let { value } = property;
    if (typeof value === 'string') {
      if (value.includes(bearer)) Object.defineProperty(part, key, { value: value.replaceAll(bearer, '[redacted]') });
    } else if (typeof value === 'object' && value !== null) {
      const set = (next: unknown) => {
        value = next;
      };
      for (const name of ['authorization', 'Authorization']) Reflect.deleteProperty(value, name);
      Object.defineProperty(part, key, { get: () => value, set, enumerable: false });
    }
  }
}

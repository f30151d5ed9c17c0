/** One request on its way; redirects change its address, method, headers and body. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly hasBody: boolean;
}

/**
 * Where a redirect leads, as its `Location` header says; undefined when the response is the answer.
 *
 * @see https://fetch.spec.whatwg.org/#http-redirect-fetch
 */
export function redirectLocation(status: number, location: string | null): string | undefined {
  return (location !== null && [301, 302, 303, 307, 308].includes(status) && location) || undefined;
}

/**
 * What a redirect makes of a request: by the rules of the Fetch standard, without what must not reach another origin. Whether
 * the token goes along is for {@link isApiUrl} to say, and only while no hop before has left the API.
 *
 * @throws TypeError as the platform's fetch does
 */
export function nextHop(status: number, location: string, hop: Hop): Hop {
  const url = new URL(location, hop.url);
  if (!url.protocol.startsWith('http')) throw new TypeError('fetch failed: the redirect leaves HTTP');
  const becomesGet = status < 303 ? hop.method === 'POST' : status === 303 && !/^(GET|HEAD)$/.test(hop.method);
  const next = new Headers(hop.headers);
  for (const name of hop.headers.keys()) {
    const isLeftBehind = becomesGet && name.startsWith('content-');
    const isPrivate = url.origin !== hop.url.origin && /^(?:(?:proxy-)?authorization|cookie|host)$/.test(name);
    if (isLeftBehind || isPrivate) next.delete(name);
  }
  return { url, method: becomesGet ? 'GET' : hop.method, headers: next, hasBody: hop.hasBody && !becomesGet };
}

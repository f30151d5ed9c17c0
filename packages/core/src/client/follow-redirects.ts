import type { AccessToken } from '../token/access-token.ts';
import type { ApiAnswer, ApiCall, Hop } from './api-call.ts';
import { isApiUrl } from './api-url.ts';

/** As many as browsers follow. @see https://fetch.spec.whatwg.org/#http-redirect-fetch */
const mostRedirects = 20;
const redirectStatuses = [301, 302, 303, 307, 308];

/** Follows from an answer to the one that redirects nowhere; the token goes along only below the API's base. */
export async function followRedirects<Answer extends ApiAnswer>(
  call: ApiCall<Answer>,
  first: Answer,
  token: AccessToken | undefined,
): Promise<Answer> {
  let answer = first;
  // Whoever stands outside of the API and in the chain decides what is asked for behind; not with our token.
  let isTrusted = true;
  for (let redirects = 0; answer.location && redirectStatuses.includes(answer.status); redirects++) {
    await call.discard(answer);
    let hop: Hop;
    try {
      // Ends for whatever a caller of Axios takes for a number, NaN included.
      if (!(redirects < (call.maxRedirects ?? mostRedirects))) throw new TypeError('fetch failed: too many redirects');
      hop = nextHop(answer.status, answer.location, answer.hop ?? call.sentAs(answer));
      if (hop.hasBody && !call.isReplayable) throw new TypeError('fetch failed: the redirect needs the body again');
    } catch (error) {
      throw await call.translate(error as TypeError);
    }
    isTrusted &&= isApiUrl(call.apiUrl, hop.url);
    answer = await call.send(isTrusted ? token : undefined, hop);
  }
  return answer;
}

/**
 * What a redirect makes of a request: by the rules of the Fetch standard, without what must not reach another origin. Whether
 * the token goes along is for {@link isApiUrl} to say, and only while no hop before has left the API.
 *
 * @throws TypeError as the platform's fetch does
 */
export function nextHop(status: number, location: string, hop: Hop): Hop {
  // Header fields hold bytes, and each has become a character.
  const target = location.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
  const url = URL.canParse(target, hop.url) ? new URL(target, hop.url) : undefined;
  if (!url?.protocol.startsWith('http')) throw new TypeError('fetch failed: the redirect leads to no HTTP address');
  const becomesGet = status < 303 ? hop.method === 'POST' : status === 303 && !/^(GET|HEAD)$/.test(hop.method);
  const next = new Headers(hop.headers);
  for (const name of hop.headers.keys()) {
    const isLeftBehind = becomesGet && name.startsWith('content-');
    const isPrivate = url.origin !== hop.url.origin && /^(?:(?:proxy-)?authorization|cookie|host)$/.test(name);
    if (isLeftBehind || isPrivate) next.delete(name);
  }
  return { url, method: becomesGet ? 'GET' : hop.method, headers: next, hasBody: hop.hasBody && !becomesGet };
}

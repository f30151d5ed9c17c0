import { openSubject, type Subject } from './subject.ts';

/**
 * No cache can be faster and still notice that its token has ended: an async function that reads the clock.
 *
 * It hands out a token that nobody has asked for.
 */
export const clockRead: Subject = {
  name: 'limit: async function that reads the clock',
  open() {
    const endsAt = performance.now() + 3_600_000;
    const getToken = async () => (performance.now() < endsAt ? 'token' : 'spent');
    return openSubject(getToken, (token) => token);
  },
};

/** No stampede can be answered sooner: one bare request, whose promise everybody awaits. It has no cache. */
export const oneRequest: Subject = {
  name: 'limit: one request, one promise',
  open({ tokenUrl, clientId, clientSecret }) {
    const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
    const requestToken = async () => {
      const body = new URLSearchParams({ grant_type: 'client_credentials' });
      const response = await fetch(tokenUrl, { method: 'POST', headers: { authorization }, body });
      return ((await response.json()) as { access_token: string }).access_token;
    };
    let promise: Promise<string> | undefined;
    const getToken = () => {
      promise ??= requestToken();
      return promise;
    };
    return openSubject(getToken, (token) => token);
  },
};

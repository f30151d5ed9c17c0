import { openSubject, type Subject } from './subject.ts';

/**
 * The fastest possible cache that detects expiry: an async function that reads the clock.
 *
 * It returns a token that was never requested.
 */
export const clockRead: Subject = {
  name: 'limit: async function that reads the clock',
  open() {
    const endsAt = performance.now() + 3_600_000;
    const getToken = async () => (performance.now() < endsAt ? 'token' : 'spent');
    return openSubject(getToken, (token) => token);
  },
};

/** The fastest possible stampede: one request, whose promise all callers await. It has no cache. */
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

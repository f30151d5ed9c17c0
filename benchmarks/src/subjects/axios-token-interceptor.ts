import axios from 'axios';
import tokenProvider from 'axios-token-interceptor';
import { openSubject, type Subject } from './subject.ts';

interface TokenBody {
  readonly access_token: string;
  readonly expires_in: number;
}

/**
 * axios-token-interceptor as documented: a `tokenCache` whose `getMaxAge` comes from `expires_in`.
 *
 * Only the cache is measured, which its interceptor awaits for each request; the request itself is left out, in its favour.
 */
export const axiosTokenInterceptor: Subject = {
  name: 'axios-token-interceptor',
  open({ tokenUrl, clientId, clientSecret }) {
    const requestToken = async () => {
      const body = new URLSearchParams({ grant_type: 'client_credentials' });
      const auth = { username: clientId, password: clientSecret };
      return (await axios.post<TokenBody>(tokenUrl, body, { auth })).data;
    };
    const cache = tokenProvider.tokenCache(requestToken, { getMaxAge: (body) => body.expires_in * 1000 });
    return openSubject(cache, (body) => body.access_token);
  },
};

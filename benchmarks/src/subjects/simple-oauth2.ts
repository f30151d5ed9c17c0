import { type AccessToken, ClientCredentials } from 'simple-oauth2';
import { openSubject, type Subject } from './subject.ts';

/**
 * Its documentation refreshes 300 s before the expiry, which would never reuse a token with a lifetime of 300 s. With one second, it
 * reuses every token here and refreshes before the server rejects the token, which is in its favour.
 */
const expirationWindowSeconds = 1;

/** simple-oauth2 as documented: keep the token, call `expired(window)` before each use, get another one. */
export const simpleOauth2: Subject = {
  name: 'simple-oauth2',
  open({ tokenUrl, clientId, clientSecret }) {
    const { origin, pathname } = new URL(tokenUrl);
    const client = new ClientCredentials({
      client: { id: clientId, secret: clientSecret },
      auth: { tokenHost: origin, tokenPath: pathname },
    });
    let accessToken: AccessToken | undefined;
    const getToken = async () => {
      if (accessToken === undefined || accessToken.expired(expirationWindowSeconds)) {
        accessToken = await client.getToken({});
      }
      return accessToken.token;
    };
    return openSubject(getToken, (token) => String(token['access_token']));
  },
};

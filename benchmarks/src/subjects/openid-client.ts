import { allowInsecureRequests, ClientSecretBasic, Configuration, clientCredentialsGrant } from 'openid-client';
import { openSubject, type Subject } from './subject.ts';

type Tokens = Awaited<ReturnType<typeof clientCredentialsGrant>>;

/**
 * openid-client has no cache of its own. This is the one that its users write: keep the answer, ask `expiresIn()`.
 *
 * `expiresIn()` counts whole seconds, so the cache renews up to a second early, which is in its favour.
 */
export const openidClient: Subject = {
  name: 'openid-client',
  packages: ['openid-client'],
  open({ apiUrl, tokenUrl, clientId, clientSecret }) {
    const server = { issuer: apiUrl, token_endpoint: tokenUrl };
    const config = new Configuration(server, clientId, undefined, ClientSecretBasic(clientSecret));
    allowInsecureRequests(config);
    let tokens: Tokens | undefined;
    const getToken = async () => {
      if (tokens === undefined || !tokens.expiresIn()) tokens = await clientCredentialsGrant(config);
      return tokens.access_token;
    };
    return openSubject(getToken, (token) => token);
  },
};

import { allowInsecureRequests, ClientSecretBasic, Configuration, clientCredentialsGrant } from 'openid-client';
import type { Credential } from '../token-server/credential.ts';
import { openSubject, type Subject } from './subject.ts';

type Tokens = Awaited<ReturnType<typeof clientCredentialsGrant>>;

/**
 * openid-client has no cache. Its users write this one: keep the response, call `expiresIn()`.
 *
 * `expiresIn()` counts whole seconds, so that the cache refreshes up to a second early, which is in its favour.
 */
export const openidClient: Subject = {
  name: 'openid-client',
  open(credential) {
    const config = configure(credential);
    let tokens: Tokens | undefined;
    const getToken = async () => {
      if (!tokens?.expiresIn()) tokens = await clientCredentialsGrant(config);
      return tokens.access_token;
    };
    return openSubject(getToken, (token) => token);
  },
};

/** The same by a careful user: callers during a request await the same request. */
export const openidClientSharingRequests: Subject = {
  name: 'openid-client, sharing requests',
  open(credential) {
    const config = configure(credential);
    let tokens: Tokens | undefined;
    let request: Promise<Tokens> | undefined;
    const refresh = () => {
      request ??= clientCredentialsGrant(config).finally(() => {
        request = undefined;
      });
      return request;
    };
    const getToken = async () => {
      if (!tokens?.expiresIn()) tokens = await refresh();
      return tokens.access_token;
    };
    return openSubject(getToken, (token) => token);
  },
};

function configure({ apiUrl, tokenUrl, clientId, clientSecret }: Credential): Configuration {
  const server = { issuer: apiUrl, token_endpoint: tokenUrl };
  const config = new Configuration(server, clientId, undefined, ClientSecretBasic(clientSecret));
  allowInsecureRequests(config);
  return config;
}

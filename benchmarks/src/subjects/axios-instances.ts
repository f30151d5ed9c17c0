import { installInstellixInterceptor } from '@instellix/axios-interceptor';
import { createInstellixClient } from '@instellix/core';
import axios, { type AxiosInstance, type CreateAxiosDefaults } from 'axios';
import { createAuthRefresh } from 'axios-auth-refresh';
import { clientCredentials } from 'axios-oauth-client';
import tokenProvider from 'axios-token-interceptor';
import type { Credential } from '../token-server/credential.ts';

interface TokenBody {
  readonly access_token: string;
  readonly expires_in: number;
}

/** One way to get a token onto the calls of an Axios instance, as its users use it. */
export interface AxiosSubject {
  readonly name: string;
  /** Sets an instance up and obtains its first token. */
  open(credential: Credential, defaults: CreateAxiosDefaults): Promise<OpenAxios>;
}

/** An {@link AxiosSubject} that is set up. */
export interface OpenAxios {
  readonly api: AxiosInstance;
  readonly close: () => Promise<void>;
}

async function requestToken({ tokenUrl, clientId, clientSecret }: Credential): Promise<TokenBody> {
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  return (await axios.post<TokenBody>(tokenUrl, body, { auth: { username: clientId, password: clientSecret } })).data;
}

const open = (api: AxiosInstance, close: () => Promise<void> = async () => {}): OpenAxios => ({ api, close });

/** No interceptor can be faster: there is none. The token is there once and never again. */
export const staticHeader: AxiosSubject = {
  name: 'limit: a static header',
  async open(credential, defaults) {
    const { access_token } = await requestToken(credential);
    return open(axios.create({ ...defaults, headers: { Authorization: `Bearer ${access_token}` } }));
  },
};

/** Ours, with its defaults. */
export const instellixAxios: AxiosSubject = {
  name: '@instellix/axios-interceptor',
  async open({ apiUrl, tokenUrl, realm, clientId, clientSecret }, defaults) {
    const client = createInstellixClient({ environment: { apiUrl, tokenUrl }, realm, clientId, clientSecret });
    await client.getToken();
    const api = axios.create(defaults);
    installInstellixInterceptor(api, client);
    return open(api, client.close);
  },
};

/** Its interceptor around its cache, as documented. */
const axiosTokenInterceptor: AxiosSubject = {
  name: 'axios-token-interceptor',
  async open(credential, defaults) {
    return openTokenInterceptor(() => requestToken(credential), defaults);
  },
};

/** It requests tokens and nothing more; its users keep them with axios-token-interceptor, as its documentation long showed. */
const axiosOauthClient: AxiosSubject = {
  name: 'axios-oauth-client',
  async open({ tokenUrl, clientId, clientSecret }, defaults) {
    // It puts the credential into the body, where this vendor does not want it.
    const auth = { username: clientId, password: clientSecret };
    const transport = axios.create({ auth, transformRequest: () => 'grant_type=client_credentials' });
    const request = clientCredentials(transport, tokenUrl, clientId, clientSecret);
    return openTokenInterceptor(() => request(undefined), defaults);
  },
};

/** It heals a 401; the interceptor that puts the token on is its user's, taken from its documentation. */
const axiosAuthRefresh: AxiosSubject = {
  name: 'axios-auth-refresh',
  async open(credential, defaults) {
    let { access_token: token } = await requestToken(credential);
    const api = axios.create(defaults);
    api.interceptors.request.use((request) => {
      request.headers['Authorization'] = `Bearer ${token}`;
      return request;
    });
    // Its types mean the CommonJS build of Axios; those of the two builds do not go together.
    createAuthRefresh(api as never, async () => {
      token = (await requestToken(credential)).access_token;
    });
    return open(api);
  },
};

async function openTokenInterceptor(
  getToken: () => Promise<TokenBody>,
  defaults: CreateAxiosDefaults,
): Promise<OpenAxios> {
  const cache = tokenProvider.tokenCache(getToken, { getMaxAge: (body) => body.expires_in * 1000 });
  const api = axios.create(defaults);
  const headerFormatter = (body: TokenBody) => `Bearer ${body.access_token}`;
  api.interceptors.request.use(tokenProvider({ getToken: cache, headerFormatter }));
  await cache();
  return open(api);
}

/** What ours is compared with, besides the limit. */
export const axiosPeers: readonly AxiosSubject[] = [axiosTokenInterceptor, axiosAuthRefresh, axiosOauthClient];

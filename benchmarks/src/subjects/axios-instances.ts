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
  /** Creates an instance and gets its first token. */
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

/** The limit: no interceptor, and one constant token. */
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

/** It only requests tokens. Its users cache them with axios-token-interceptor, as its documentation showed. */
const axiosOauthClient: AxiosSubject = {
  name: 'axios-oauth-client',
  async open({ tokenUrl, clientId, clientSecret }, defaults) {
    // It sends the credential in the body, which this vendor does not accept.
    const auth = { username: clientId, password: clientSecret };
    const transport = axios.create({ auth, transformRequest: () => 'grant_type=client_credentials' });
    const request = clientCredentials(transport, tokenUrl, clientId, clientSecret);
    return openTokenInterceptor(() => request(undefined), defaults);
  },
};

/** It refreshes after a 401. The interceptor that sets the token is the one in its documentation. */
const axiosAuthRefresh: AxiosSubject = {
  name: 'axios-auth-refresh',
  async open(credential, defaults) {
    let { access_token: token } = await requestToken(credential);
    const api = axios.create(defaults);
    api.interceptors.request.use((request) => {
      request.headers['Authorization'] = `Bearer ${token}`;
      return request;
    });
    // Its types require the CommonJS build of Axios, which is not compatible with the ESM build.
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

/** The peers, besides the limit. */
export const axiosPeers: readonly AxiosSubject[] = [axiosTokenInterceptor, axiosAuthRefresh, axiosOauthClient];

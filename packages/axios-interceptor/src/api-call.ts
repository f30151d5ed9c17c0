import {
  type AccessToken,
  ConfigurationError,
  describeRefusal,
  type InstellixClient,
  isApiUrl,
  isInstellixError,
  renewInBackground,
} from '@instellix/core';
import type { AxiosAdapter, AxiosError, AxiosRequestHeaders, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { ApiAddress } from './api-address.ts';
import type { AxiosCopy } from './axios-copy.ts';
import { cleanError, cleanResponse, discard, isStream } from './clean-outcome.ts';
import { copyConfig, copyHeaders } from './copy-config.ts';
import { guardRedirects, type Hop, readHop } from './redirects.ts';
import { limitTimeout, waitForToken } from './wait-for-token.ts';

/** What all calls of an instance have in common. */
export interface ApiCallScope {
  readonly client: InstellixClient;
  readonly copy: AxiosCopy;
}

const unfollowed = { redirect: 'manual' };
const mostRedirects = 20;

/** One call of the API: sent with a token, redirected, and sent again with another one when that token is refused. */
export class ApiCall {
  readonly scope: ApiCallScope;
  /** As interceptors and transforms have left it; the token is never put into it. */
  readonly config: InternalAxiosRequestConfig;
  /** When `timeout` ends, on the clock of `performance.now()`; 0: never. */
  readonly deadline: number;
  /** What the last request was sent with. */
  bearer = '';
  /** Whether the last request, behind all redirects, bore the token. */
  boreToken = true;
  readonly #adapter: AxiosAdapter;
  readonly #address: ApiAddress | undefined;
  readonly #makeBody: (() => unknown) | undefined;
  /** The copy of the config that the first request is made of. */
  #draft: InternalAxiosRequestConfig | undefined;
  #hop: Hop | undefined;
  #redirects = 0;
  #isReplay = false;

  /** @throws ConfigurationError when the call contradicts itself */
  constructor(
    scope: ApiCallScope,
    adapter: AxiosAdapter,
    config: InternalAxiosRequestConfig,
    draft: InternalAxiosRequestConfig,
    address: ApiAddress | undefined,
  ) {
    const { auth, data, instellix, timeout } = draft;
    this.scope = scope;
    this.#adapter = adapter;
    this.config = config;
    this.#draft = draft;
    this.#address = address;
    this.#makeBody = instellix ? instellix.body : undefined;
    // Axios takes texts, too.
    this.deadline = timeout && timeout > 0 ? performance.now() + Number(timeout) : 0;
    if (auth) {
      throw new ConfigurationError([
        'Axios would send `auth` in place of the access token: leave it out, or set instellix: false for this call.',
      ]);
    }
    if (this.#makeBody && data !== undefined) {
      throw new ConfigurationError(['axios: give either data or instellix.body, not both.']);
    }
  }

  run(): Promise<AxiosResponse> {
    const token = this.scope.client.peekToken();
    return token ? this.#send(token) : waitForToken(this).then((awaited) => this.#send(awaited));
  }

  #send(token: AccessToken): Promise<AxiosResponse> {
    const sent = this.#draft ?? copyConfig(this.config);
    this.#draft = undefined;
    if (!this.#makeBody || this.#hop?.hasBody === false) return this.#transmit(sent, token);
    return Promise.resolve(this.#makeBody()).then((data) => this.#transmit(Object.assign(sent, { data }), token));
  }

  #transmit(sent: InternalAxiosRequestConfig, token: AccessToken): Promise<AxiosResponse> {
    const { fetchOptions } = sent;
    const hop = this.#hop;
    const changes = hop?.changes ?? this.#address;
    if (changes) Object.assign(sent, changes);
    const headers = copyHeaders(sent.headers);
    sent.headers = headers;
    this.bearer = `Bearer ${token.value}`;
    this.boreToken = !hop || (this.boreToken && isApiUrl(this.scope.client.environment.apiUrl, hop.url));
    if (this.boreToken) headers.Authorization = this.bearer;
    if (follows(sent)) sent.fetchOptions = fetchOptions ? { ...fetchOptions, ...unfollowed } : unfollowed;
    guardRedirects(this, sent);
    if (this.deadline) limitTimeout(sent, this.deadline);
    return this.#adapter(sent).then(
      (response) => {
        cleanResponse(response, this.config, this.bearer);
        const { status } = response;
        const isOrdinary = status < 300 || (status >= 400 && status !== 401);
        return isOrdinary ? response : this.#judge(token, response, headers);
      },
      (error) => {
        cleanError(error, this.config, this.bearer);
        if (error?.response) return this.#judge(token, error.response, headers, error);
        throw error;
      },
    );
  }

  async #judge(
    token: AccessToken,
    response: AxiosResponse,
    headers: AxiosRequestHeaders,
    error?: AxiosError,
  ): Promise<AxiosResponse> {
    let hop: Hop | undefined;
    try {
      hop = follows(this.config) ? readHop(response, headers) : undefined;
    } catch (reason) {
      discard(response);
      return reject(this.scope.copy.createError((reason as Error).message, 'ERR_NETWORK', this.config));
    }
    if (hop) return this.#follow(hop, response, token);
    let refusal: unknown;
    if (this.boreToken && response.status === 401 && !this.#isReplay) {
      try {
        const renewed = await this.#renew(token);
        if (renewed) return this.#replay(renewed, response);
      } catch (reason) {
        refusal = reason;
        if (!isInstellixError(reason) || reason.code !== 'token_rejected') {
          discard(response);
          throw reason;
        }
      }
    }
    if (!error) return response;
    if (this.boreToken) setCause(error, refusal ?? this.#describe(response));
    throw error;
  }

  #follow(hop: Hop, response: AxiosResponse, token: AccessToken): Promise<AxiosResponse> {
    const { config } = this;
    const { copy } = this.scope;
    discard(response);
    if (++this.#redirects > (config.maxRedirects ?? mostRedirects)) {
      return reject(copy.createError('Maximum number of redirects exceeded', 'ERR_FR_TOO_MANY_REDIRECTS', config));
    }
    if (hop.hasBody && !this.#isReplayable) {
      return reject(copy.createError('Network Error: the redirect needs the body again', 'ERR_NETWORK', config));
    }
    this.#hop = hop;
    return this.#send(token);
  }

  /** A token for the replay; undefined when the body cannot be sent again. */
  async #renew(rejected: AccessToken): Promise<AccessToken | undefined> {
    if (this.#isReplayable) return waitForToken(this, rejected);
    renewInBackground(this.scope.client, rejected);
    return undefined;
  }

  #replay(token: AccessToken, response: AxiosResponse): Promise<AxiosResponse> {
    discard(response);
    this.#isReplay = true;
    this.#hop = undefined;
    return this.#send(token);
  }

  get #isReplayable(): boolean {
    return this.#makeBody !== undefined || !isStream(this.config.data);
  }

  #describe({ status, headers }: AxiosResponse) {
    const { name, tokenUrl } = this.scope.client.environment;
    const { instellix } = this.config;
    const challenge: unknown = headers?.['www-authenticate'];
    return describeRefusal(
      { status, headers: { get: () => (typeof challenge === 'string' ? challenge : null) } },
      {
        subject: `environment ${name} (tokens of ${tokenUrl.href})`,
        requiredScope: instellix ? instellix.requiredScope : undefined,
      },
    );
  }
}

/** The http adapter follows by itself; for the fetch adapter see {@link readHop}. */
function follows({ maxRedirects, fetchOptions }: InternalAxiosRequestConfig): boolean {
  return maxRedirects !== 0 && (!fetchOptions?.redirect || fetchOptions.redirect === 'follow');
}

/** Not enumerable, as a `cause` is. */
function setCause(error: AxiosError, cause: unknown): void {
  if (cause)
    Object.defineProperty(error, 'cause', { value: cause, writable: true, configurable: true, enumerable: false });
}

async function reject(error: Promise<Error>): Promise<never> {
  throw await error;
}

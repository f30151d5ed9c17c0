import {
  type AccessToken,
  ConfigurationError,
  describeRefusal,
  type InstellixClient,
  isApiUrl,
  isInstellixError,
} from '@instellix/core';
import type { AxiosAdapter, AxiosError, AxiosRequestHeaders, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { ApiAddress } from './api-address.ts';
import type { AxiosCopy } from './axios-copy.ts';
import { cleanError, cleanResponse, discard, isStream } from './clean-outcome.ts';
import { type Hop, RedirectGuard, readHop } from './redirects.ts';
import { limitTimeout, waitForToken } from './wait-for-token.ts';

/** What an {@link ApiCall} works with. */
export interface ApiCallParts {
  readonly client: InstellixClient;
  readonly copy: AxiosCopy;
  /** The adapter that sends. */
  readonly send: AxiosAdapter;
  /** As interceptors and transforms have left it; the token is never put into it. */
  readonly config: InternalAxiosRequestConfig;
}

/** One request of a call, and what it was sent with. */
interface Attempt {
  readonly token: AccessToken;
  readonly guard: RedirectGuard;
  readonly sent: InternalAxiosRequestConfig;
}

const mostRedirects = 20;

/** One call of the API: sent with a token, redirected, and sent again with another one when that token is refused. */
export class ApiCall {
  readonly parts: ApiCallParts;
  /** When `timeout` ends, on the clock of `performance.now()`; 0: never. */
  readonly deadline: number;
  readonly #address: ApiAddress;
  readonly #makeBody: (() => unknown) | undefined;
  #hop: Hop | undefined;
  #redirects = 0;
  #isReplay = false;

  /** @throws ConfigurationError when the call contradicts itself */
  constructor(parts: ApiCallParts, address: ApiAddress) {
    const { auth, data, instellix, timeout } = parts.config;
    this.parts = parts;
    this.#address = address;
    this.#makeBody = instellix ? instellix.body : undefined;
    this.deadline = timeout ? performance.now() + timeout : 0;
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
    const token = this.parts.client.peekToken();
    return token ? this.#send(token, true) : waitForToken(this).then((awaited) => this.#send(awaited));
  }

  /** `isPrompt`: no time has passed yet that `timeout` would have to count. */
  #send(token: AccessToken, isPrompt = false): Promise<AxiosResponse> {
    const { config } = this.parts;
    if (!this.#makeBody || this.#hop?.hasBody === false) return this.#transmit(token, config.data, isPrompt);
    return Promise.resolve(this.#makeBody()).then((body) => this.#transmit(token, body));
  }

  #transmit(token: AccessToken, data: unknown, isPrompt = false): Promise<AxiosResponse> {
    const { config, client, send } = this.parts;
    const { apiUrl } = client.environment;
    const hop = this.#hop;
    const bearer = `Bearer ${token.value}`;
    const guard = new RedirectGuard(apiUrl, bearer, config.beforeRedirect);
    guard.boreToken = !hop || isApiUrl(apiUrl, hop.url);
    const headers = copyHeaders(hop?.changes.headers ?? config.headers);
    if (guard.boreToken) headers.Authorization = bearer;
    const { beforeRedirect } = guard;
    const fetchOptions = this.#follows ? { ...config.fetchOptions, redirect: 'manual' } : config.fetchOptions;
    const changes = hop?.changes ?? this.#address;
    const sent = { ...config, data, ...changes, headers, beforeRedirect, fetchOptions } as InternalAxiosRequestConfig;
    if (!isPrompt && this.deadline) limitTimeout(sent, this.deadline);
    return send(sent).then(
      (response) => {
        cleanResponse(response, config, bearer);
        const { status } = response;
        const isOrdinary = status < 300 || (status >= 400 && status !== 401);
        return isOrdinary ? response : this.#judge({ token, guard, sent }, response);
      },
      (error) => {
        cleanError(error, config, bearer);
        if (error?.response) return this.#judge({ token, guard, sent }, error.response, error);
        throw error;
      },
    );
  }

  /** The http adapter follows by itself; of the fetch adapter's redirects see {@link readHop}. */
  get #follows(): boolean {
    const { maxRedirects, fetchOptions } = this.parts.config;
    return maxRedirects !== 0 && (fetchOptions?.redirect ?? 'follow') === 'follow';
  }

  async #judge({ token, guard, sent }: Attempt, response: AxiosResponse, error?: AxiosError): Promise<AxiosResponse> {
    const hop = this.#follows ? readHop(response, sent.headers) : undefined;
    if (hop) return this.#follow(hop, response, token);
    let refusal: unknown;
    if (guard.boreToken && response.status === 401 && !this.#isReplay) {
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
    if (guard.boreToken) setCause(error, refusal ?? this.#describe(response));
    throw error;
  }

  #follow(hop: Hop, response: AxiosResponse, token: AccessToken): Promise<AxiosResponse> {
    const { config, copy } = this.parts;
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
    // This caller gets its 401; the next one should not, so the renewal goes on without anyone waiting for it.
    this.parts.client.getToken({ rejected }).catch(() => {});
    return undefined;
  }

  #replay(token: AccessToken, response: AxiosResponse): Promise<AxiosResponse> {
    discard(response);
    this.#isReplay = true;
    this.#hop = undefined;
    return this.#send(token);
  }

  get #isReplayable(): boolean {
    return this.#makeBody !== undefined || !isStream(this.parts.config.data);
  }

  #describe({ status, headers }: AxiosResponse) {
    const { name, tokenUrl } = this.parts.client.environment;
    const { instellix } = this.parts.config;
    const challenge = headers['www-authenticate'];
    return describeRefusal(
      { status, headers: { get: () => (typeof challenge === 'string' ? challenge : null) } },
      {
        subject: `environment ${name} (tokens of ${tokenUrl.href})`,
        requiredScope: instellix ? instellix.requiredScope : undefined,
      },
    );
  }
}

/** Copies headers without asking each for its name, as their constructor does. */
function copyHeaders(headers: AxiosRequestHeaders): AxiosRequestHeaders {
  return Object.assign(Object.create(Object.getPrototypeOf(headers)), headers);
}

/** Not enumerable, as a `cause` is. */
function setCause(error: AxiosError, cause: unknown): void {
  if (cause) Object.defineProperty(error, 'cause', { value: cause, writable: true, configurable: true, enumerable: false });
}

async function reject(error: Promise<Error>): Promise<never> {
  throw await error;
}

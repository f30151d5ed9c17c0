import {
  type AccessToken,
  type ApiAnswer,
  type ApiCall,
  ConfigurationError,
  concludeCall,
  describeRefusal,
  type Hop,
  type InstellixClient,
} from '@instellix/core';
import type { AxiosAdapter, AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { ApiAddress } from './api-address.ts';
import type { AxiosCopy } from './axios-copy.ts';
import { cleanError, cleanResponse, discard, isStream } from './clean-outcome.ts';
import { copyConfig, copyHeaders } from './copy-config.ts';
import { applyHop, guardRedirects, readLocation, readSent } from './redirects.ts';
import { limitTimeout, waitForToken } from './wait-for-token.ts';

/** What all calls of an instance have in common. */
export interface AxiosCallScope {
  readonly client: InstellixClient;
  readonly copy: AxiosCopy;
}

/** As a `cause` is. */
const notEnumerable = { enumerable: false, writable: true, configurable: true };

/** An answer, and the error that Axios makes of it. */
interface AxiosAnswer extends ApiAnswer {
  readonly response: AxiosResponse;
  readonly error: AxiosError | undefined;
}

/** One call of the API through whichever adapter it was to go. */
export class AxiosCall implements ApiCall<AxiosAnswer> {
  readonly scope: AxiosCallScope;
  /** As interceptors and transforms have left it; the token is never put into it. */
  readonly config: InternalAxiosRequestConfig;
  /** When `timeout` ends, on the clock of `performance.now()`; 0: never. */
  readonly deadline: number;
  /** What the last request that bore the token was sent with. */
  bearer = '';
  /** Whether the last request, behind all redirects, bore the token. */
  boreToken = true;
  readonly #adapter: AxiosAdapter;
  readonly #address: ApiAddress | undefined;
  readonly #makeBody: (() => unknown) | undefined;
  /** The copy of the config that the first request is made of. */
  #draft: InternalAxiosRequestConfig | undefined;
  /** Why there is no token for a replay. */
  #refusal: unknown;

  /** @throws ConfigurationError when the call contradicts itself */
  constructor(
    scope: AxiosCallScope,
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

  get tokens(): InstellixClient {
    return this.scope.client;
  }

  get apiUrl(): URL {
    return this.scope.client.environment.apiUrl;
  }

  get isReplayable(): boolean {
    return this.#makeBody !== undefined || !isStream(this.config.data);
  }

  get maxRedirects(): number | undefined {
    return this.config.maxRedirects;
  }

  run(): Promise<AxiosResponse> {
    const token = this.scope.client.peekToken();
    return token ? this.#begin(token) : waitForToken(this).then((awaited) => this.#begin(awaited));
  }

  async awaitToken(rejected: AccessToken): Promise<AccessToken> {
    try {
      return await waitForToken(this, rejected);
    } catch (error) {
      this.#refusal = error;
      throw error;
    }
  }

  send(token: AccessToken | undefined, hop?: Hop): Promise<AxiosAnswer> {
    return this.#transmit(
      token,
      hop,
      (response) => this.#answer(response),
      (error) => this.#failure(error),
    );
  }

  sentAs({ response }: AxiosAnswer): Hop {
    return readSent(response);
  }

  discard({ response }: AxiosAnswer): void {
    discard(response);
  }

  translate({ message }: TypeError): Promise<AxiosError> {
    return this.scope.copy.createError(message, 'ERR_NETWORK', this.config);
  }

  /** Most answers are ordinary, and cost no promise more than Axios itself. */
  #begin(token: AccessToken): Promise<AxiosResponse> {
    return this.#transmit(
      token,
      undefined,
      (response) => {
        const { status } = response;
        const isOrdinary = status < 300 || (status >= 400 && status !== 401);
        return isOrdinary ? response : this.#conclude(this.#answer(response), token);
      },
      (error) => this.#conclude(this.#failure(error), token),
    );
  }

  async #conclude(first: AxiosAnswer, token: AccessToken): Promise<AxiosResponse> {
    const { response, error, boreToken } = await concludeCall(this, first, token);
    if (!error) return response;
    const cause = boreToken && (this.#refusal ?? this.#describe(response));
    if (cause) Object.defineProperty(error, 'cause', { ...notEnumerable, value: cause });
    throw error;
  }

  /** Hands on what the adapter makes of the request; what goes wrong before is not of the API, and just rejects. */
  #transmit<T>(
    token: AccessToken | undefined,
    hop: Hop | undefined,
    answered: (response: AxiosResponse) => T | Promise<T>,
    failed: (error: AxiosError | undefined) => T | Promise<T>,
  ): Promise<T> {
    const sent = this.#draft ?? copyConfig(this.config);
    this.#draft = undefined;
    sent.headers = copyHeaders(sent.headers);
    if (hop) applyHop(sent, hop);
    else if (this.#address) Object.assign(sent, this.#address);
    this.boreToken = token !== undefined;
    if (token) sent.headers.Authorization = this.bearer = `Bearer ${token.value}`;
    guardRedirects(this, sent);
    const dispatch = () => {
      if (this.deadline) limitTimeout(sent, this.deadline);
      return this.#adapter(sent).then(
        (response) => {
          cleanResponse(response, this.config, this.bearer);
          return answered(response);
        },
        (error) => {
          cleanError(error, this, sent);
          return failed(error);
        },
      );
    };
    if (!this.#makeBody || hop?.hasBody === false) return dispatch();
    return Promise.resolve(this.#makeBody()).then((data) => {
      sent.data = data;
      return dispatch();
    });
  }

  #answer(response: AxiosResponse, error?: AxiosError): AxiosAnswer {
    const { config, boreToken } = this;
    return { response, error, status: response.status, location: readLocation(response, config), boreToken };
  }

  /** @throws the error when no answer has come */
  #failure(error: AxiosError | undefined): AxiosAnswer {
    if (!error?.response) throw error;
    return this.#answer(error.response, error);
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

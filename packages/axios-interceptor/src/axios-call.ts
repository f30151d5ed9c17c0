import {
  type AccessToken,
  type ApiAnswer,
  type ApiCall,
  concludeCall,
  type Hop,
  type InstellixClient,
} from '@instellix/core';
import type { AxiosAdapter, AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { ApiAddress } from './api-address.ts';
import type { AxiosCopy } from './axios-copy.ts';
import { cleanError, cleanResponse, discard, isStream } from './clean-outcome.ts';
import { copyConfig, copyHeaders } from './copy-config.ts';
import { explainRefusal, setCause } from './explain-refusal.ts';
import type { InstellixCallOptions } from './instellix-call-options.ts';
import { applyHop, guardRedirects, readLocation, readSent } from './redirects.ts';
import { limitTimeout, waitInTime } from './wait-in-time.ts';

/** What all calls of an instance have in common. */
export interface AxiosCallScope {
  readonly client: InstellixClient;
  readonly copy: AxiosCopy;
}

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
  /** Whether a redirect has made a GET of the last request: what it was before has been done, and must not be done again. */
  hasBecomeGet = false;
  readonly #adapter: AxiosAdapter;
  readonly #address: ApiAddress | undefined;
  /** What the caller has said of this call. */
  readonly #said: InstellixCallOptions | undefined;
  /** The copy of the config that the first request is made of. */
  #draft: InternalAxiosRequestConfig | undefined;
  /** What marks the config of the last request, and every copy of it. */
  #guard: InternalAxiosRequestConfig['beforeRedirect'];
  /** What redirects have made of the last request. */
  #hop: Hop | undefined;
  /** Why there is no token for a replay. */
  #refusal: unknown;

  constructor(
    scope: AxiosCallScope,
    adapter: AxiosAdapter,
    config: InternalAxiosRequestConfig,
    draft: InternalAxiosRequestConfig,
    address: ApiAddress | undefined,
  ) {
    const { instellix, timeout } = draft;
    this.scope = scope;
    this.#adapter = adapter;
    this.config = config;
    this.#draft = draft;
    this.#address = address;
    this.#said = instellix || undefined;
    // Axios takes texts, too.
    this.deadline = timeout && timeout > 0 ? performance.now() + Number(timeout) : 0;
  }

  get tokens(): InstellixClient {
    return this.scope.client;
  }

  get apiUrl(): URL {
    return this.scope.client.environment.apiUrl;
  }

  get isReplayable(): boolean {
    return !this.hasBecomeGet && (this.#said?.body !== undefined || !isStream(this.config.data));
  }

  get maxRedirects(): number | undefined {
    return this.config.maxRedirects;
  }

  run(): Promise<AxiosResponse> {
    const token = this.scope.client.peekToken();
    return token ? this.#begin(token) : this.#getToken().then((awaited) => this.#begin(awaited));
  }

  async awaitToken(rejected: AccessToken): Promise<AccessToken> {
    try {
      return await this.#getToken(rejected);
    } catch (error) {
      this.#refusal = error;
      throw error;
    }
  }

  async send(token: AccessToken | undefined, hop?: Hop): Promise<AxiosAnswer> {
    const sent = this.#prepare(token, hop);
    const said = this.#said;
    if (said?.body && hop?.hasBody !== false) sent.data = await waitInTime(this, () => said.body?.());
    return this.#dispatch(sent).then(
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

  async translate(cause: TypeError): Promise<AxiosError> {
    const error = await this.scope.copy.createError(cause.message, 'ERR_NETWORK', this.config);
    setCause(error, cause);
    return error;
  }

  #getToken(rejected?: AccessToken): Promise<AccessToken> {
    return waitInTime(this, (signal) => this.scope.client.getToken({ signal, rejected }));
  }

  #begin(token: AccessToken): Promise<AxiosResponse> {
    if (this.#said?.body) return this.send(token).then((first) => this.#conclude(first, token));
    // Most answers are ordinary, and cost no promise more than Axios itself.
    return this.#dispatch(this.#prepare(token)).then(
      (response) => {
        const { status } = response;
        if (status >= 300 && (status < 400 || status === 401)) return this.#conclude(this.#answer(response), token);
        cleanResponse(response, this.config, this.bearer);
        return response;
      },
      (error) => this.#conclude(this.#failure(error), token),
    );
  }

  async #conclude(first: AxiosAnswer, token: AccessToken): Promise<AxiosResponse> {
    const { response, error, boreToken } = await concludeCall(this, first, token);
    if (!error) return response;
    if (boreToken) explainRefusal(error, response, this, this.#refusal);
    throw error;
  }

  #prepare(token: AccessToken | undefined, hop?: Hop): InternalAxiosRequestConfig {
    const sent = this.#draft ?? copyConfig(this.config);
    this.#draft = undefined;
    sent.headers = copyHeaders(sent.headers);
    if (hop) applyHop(sent, hop);
    else if (this.#address) Object.assign(sent, this.#address);
    this.#hop = hop;
    this.boreToken = token !== undefined;
    if (token) sent.headers.Authorization = this.bearer = `Bearer ${token.value}`;
    guardRedirects(this, sent);
    return sent;
  }

  #dispatch(sent: InternalAxiosRequestConfig): Promise<AxiosResponse> {
    this.#guard = sent.beforeRedirect;
    if (this.deadline) limitTimeout(sent, this.deadline);
    // Axios ends a body that is too long with an error that holds what was sent, and whoever listens sees it first.
    if (isStream(sent.data)) sent.data.prependListener?.('error', (error: unknown) => this.#clean(error));
    try {
      return this.#adapter(sent);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #clean(error: unknown): void {
    cleanError(error, this.config, this.bearer, this.#guard);
  }

  #answer(response: AxiosResponse, error?: AxiosError): AxiosAnswer {
    const { config, bearer, boreToken } = this;
    const hop = this.#hop;
    if (!error) cleanResponse(response, config, bearer);
    return { response, error, status: response.status, location: readLocation(response, config), boreToken, hop };
  }

  /** @throws the error when no answer has come */
  #failure(error: AxiosError | undefined): AxiosAnswer {
    this.#clean(error);
    if (!error?.response) throw error;
    return this.#answer(error.response, error);
  }
}

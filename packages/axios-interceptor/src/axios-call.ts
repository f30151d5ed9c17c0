import type { AccessToken, InstellixClient } from '@instellix/core';
import { completeRequest, type DriverResponse, type RequestDriver, type RequestState } from '@instellix/core/adapter';
import type { AxiosAdapter, AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { ApiAddress } from './api-address.ts';
import { attachRefusalCause, setCause } from './attach-refusal-cause.ts';
import type { AxiosBuild } from './axios-build.ts';
import { copyConfig, copyHeaders } from './copy-config.ts';
import type { InstellixCallOptions } from './instellix-call-options.ts';
import { discard, isStream, redactError, redactResponse } from './redact-outcome.ts';
import { applyState, guardRedirects, readLocation, readSent } from './redirects.ts';
import { limitTimeout, withCallTimeout } from './with-call-timeout.ts';

/** What all calls of an instance have in common. */
export interface AxiosCallScope {
  readonly client: InstellixClient;
  readonly build: AxiosBuild;
}

/** An answer, and the error that Axios makes of it. */
interface AxiosDriverResponse extends DriverResponse {
  readonly response: AxiosResponse;
  readonly error: AxiosError | undefined;
}

/** One call of the API through whichever adapter it was to go. */
export class AxiosCall implements RequestDriver<AxiosDriverResponse> {
  readonly scope: AxiosCallScope;
  /** As interceptors and transforms have left it; the token is never put into it. */
  readonly config: InternalAxiosRequestConfig;
  /** When `timeout` ends, on the clock of `performance.now()`; 0: never. */
  readonly deadline: number;
  /** What the last request that bore the token was sent with. */
  bearer = '';
  /** Whether the last request, behind all redirects, bore the token. */
  hadToken = true;
  /** Whether a redirect has made a GET of the last request: what it was before has been done, and must not be done again. */
  hasBecomeGet = false;
  readonly #adapter: AxiosAdapter;
  readonly #address: ApiAddress | undefined;
  /** What the caller has said of this call. */
  readonly #callOptions: InstellixCallOptions | undefined;
  /** The copy of the config that the first request is made of. */
  #draft: InternalAxiosRequestConfig | undefined;
  /** What marks the config of the last request, and every copy of it. */
  #guard: InternalAxiosRequestConfig['beforeRedirect'];
  /** What redirects have made of the last request. */
  #state: RequestState | undefined;
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
    this.#callOptions = instellix || undefined;
    // Axios takes texts, too.
    this.deadline = timeout && timeout > 0 ? performance.now() + Number(timeout) : 0;
  }

  get tokens(): InstellixClient {
    return this.scope.client;
  }

  get apiUrl(): URL {
    return this.scope.client.environment.apiUrl;
  }

  get isResendable(): boolean {
    return !this.hasBecomeGet && (this.#callOptions?.body !== undefined || !isStream(this.config.data));
  }

  get maxRedirects(): number | undefined {
    return this.config.maxRedirects;
  }

  run(): Promise<AxiosResponse> {
    const token = this.scope.client.peekToken();
    return token ? this.#start(token) : this.#getToken().then((awaited) => this.#start(awaited));
  }

  async refreshToken(rejected: AccessToken): Promise<AccessToken> {
    try {
      return await this.#getToken(rejected);
    } catch (error) {
      this.#refusal = error;
      throw error;
    }
  }

  async send(token: AccessToken | undefined, state?: RequestState): Promise<AxiosDriverResponse> {
    const sent = this.#prepare(token, state);
    const callOptions = this.#callOptions;
    if (callOptions?.body && state?.hasBody !== false)
      sent.data = await withCallTimeout(this, () => callOptions.body?.());
    return this.#dispatch(sent).then(
      (response) => this.#toDriverResponse(response),
      (error) => this.#failure(error),
    );
  }

  sentState({ response }: AxiosDriverResponse): RequestState {
    return readSent(response);
  }

  discard({ response }: AxiosDriverResponse): void {
    discard(response);
  }

  async toAdapterError(cause: TypeError): Promise<AxiosError> {
    const error = await this.scope.build.createError(cause.message, 'ERR_NETWORK', this.config);
    setCause(error, cause);
    return error;
  }

  #getToken(rejected?: AccessToken): Promise<AccessToken> {
    return withCallTimeout(this, (signal) => this.scope.client.getToken({ signal, rejected }));
  }

  #start(token: AccessToken): Promise<AxiosResponse> {
    if (this.#callOptions?.body) return this.send(token).then((first) => this.#finish(first, token));
    // Most answers are ordinary, and cost no promise more than Axios itself.
    return this.#dispatch(this.#prepare(token)).then(
      (response) => {
        const { status } = response;
        if (status >= 300 && (status < 400 || status === 401))
          return this.#finish(this.#toDriverResponse(response), token);
        redactResponse(response, this.config, this.bearer);
        return response;
      },
      (error) => this.#finish(this.#failure(error), token),
    );
  }

  async #finish(first: AxiosDriverResponse, token: AccessToken): Promise<AxiosResponse> {
    const { response, error, hadToken } = await completeRequest(this, first, token);
    if (!error) return response;
    if (hadToken) attachRefusalCause(error, response, this, this.#refusal);
    throw error;
  }

  #prepare(token: AccessToken | undefined, state?: RequestState): InternalAxiosRequestConfig {
    const sent = this.#draft ?? copyConfig(this.config);
    this.#draft = undefined;
    sent.headers = copyHeaders(sent.headers);
    if (state) applyState(sent, state);
    else if (this.#address) Object.assign(sent, this.#address);
    this.#state = state;
    this.hadToken = token !== undefined;
    if (token) sent.headers.Authorization = this.bearer = `Bearer ${token.value}`;
    guardRedirects(this, sent);
    return sent;
  }

  #dispatch(sent: InternalAxiosRequestConfig): Promise<AxiosResponse> {
    this.#guard = sent.beforeRedirect;
    if (this.deadline) limitTimeout(sent, this.deadline);
    // Axios ends a body that is too long with an error that holds what was sent, and whoever listens sees it first.
    if (isStream(sent.data)) sent.data.prependListener?.('error', (error: unknown) => this.#redact(error));
    try {
      return this.#adapter(sent);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #redact(error: unknown): void {
    redactError(error, this.config, this.bearer, this.#guard);
  }

  #toDriverResponse(response: AxiosResponse, error?: AxiosError): AxiosDriverResponse {
    const { config, bearer, hadToken } = this;
    const state = this.#state;
    if (!error) redactResponse(response, config, bearer);
    return { response, error, status: response.status, location: readLocation(response, config), hadToken, state };
  }

  /** @throws the error when no answer has come */
  #failure(error: AxiosError | undefined): AxiosDriverResponse {
    this.#redact(error);
    if (!error?.response) throw error;
    return this.#toDriverResponse(error.response, error);
  }
}

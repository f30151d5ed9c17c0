import type { AccessToken, InstellixClient } from '@instellix/core';
import {
  type DriverResponse,
  discardStream,
  isStream,
  type RedirectDriver,
  type RequestDriver,
  type RequestState,
  requireApiHost,
} from '@instellix/core/adapter';
import type { AxiosAdapter, AxiosError, AxiosResponse, AxiosStatic, InternalAxiosRequestConfig } from 'axios';
import { type InstellixCallOptions, readCallOptions } from './call-options.ts';
import { deadlineOf, msUntil, withCallTimeout } from './call-timeout.ts';
import { checkCallUrl } from './call-url.ts';
import { isNodeStream, redactError } from './redact.ts';
import { RedirectGuard } from './redirect-guard.ts';
import { isFetchToFollow, prepareRequest, type SentRequest } from './sent-request.ts';

/** One call of the API, and what sends it. */
export interface AxiosCall {
  readonly client: InstellixClient;
  readonly apiUrl: URL;
  readonly build: AxiosStatic;
  readonly adapter: AxiosAdapter;
  /** The caller's config. The token is never put into it. */
  readonly config: InternalAxiosRequestConfig;
}

/** What an adapter has made of a request: a response, or an error, which may have a response. */
export interface AxiosOutcome extends DriverResponse {
  readonly response: AxiosResponse | undefined;
  /** What the adapter rejected with. */
  readonly rejection: { readonly reason: unknown } | undefined;
  readonly sent: SentRequest;
  /** The token that the request was sent with. */
  readonly token: AccessToken | undefined;
}

/** One call of the API through an adapter of Axios. */
export class AxiosDriver implements RequestDriver<AxiosOutcome>, RedirectDriver<AxiosOutcome> {
  readonly tokens: InstellixClient;
  readonly apiUrl: URL;
  readonly redirects = this;
  readonly maxRedirects: number | undefined;
  readonly options: InstellixCallOptions;
  /** Why a rejected token could not be replaced. */
  refusal: unknown;
  readonly #call: AxiosCall;
  readonly #url: ReturnType<typeof checkCallUrl>;
  readonly #method: string;
  readonly #deadline: number | undefined;
  #lastSent: SentRequest | undefined;

  /**
   * @throws ConfigurationError when the config contradicts itself
   * @throws RequestRefusedError `origin_not_allowed` for a URL that is not below the API's base, or a `Host` that does not name the API
   */
  constructor(call: AxiosCall) {
    const { client, apiUrl, build, config } = call;
    this.tokens = client;
    this.apiUrl = apiUrl;
    this.maxRedirects = config.maxRedirects;
    this.options = readCallOptions(config);
    this.#call = call;
    this.#url = checkCallUrl(build, apiUrl, config);
    // Axios sends it as it is.
    requireApiHost(apiUrl, config.headers.get('Host'));
    this.#method = (config.method ?? 'get').toUpperCase();
    this.#deadline = deadlineOf(config.timeout);
  }

  get isResendable(): boolean {
    // The API has already carried out a POST that a redirect turned into a GET.
    if (this.#lastSent && this.#lastSent.guard.method !== this.#method) return false;
    return !isStream(this.#call.config.data);
  }

  getToken(rejected?: AccessToken): Promise<AccessToken> {
    return withCallTimeout(this.#call.config, this.#deadline, (signal) => this.tokens.getToken({ signal, rejected }));
  }

  async refreshToken(rejected: AccessToken): Promise<AccessToken> {
    try {
      return await this.getToken(rejected);
    } catch (error) {
      this.refusal = error;
      throw error;
    }
  }

  async send(token: AccessToken | undefined, state?: RequestState): Promise<AxiosOutcome> {
    const { body } = this.options;
    const madeBody = body && state?.hasBody !== false ? await this.#makeBody(body) : undefined;
    const { url, method } = state ?? { url: this.#url.resolved, method: this.#method };
    const guard = new RedirectGuard(this.apiUrl, token && `Bearer ${token.value}`, url, method);
    const sent = prepareRequest(this.#call.config, this.#url.parts, guard, madeBody, state);
    this.#lastSent = sent;
    const { config } = sent;
    if (this.#deadline !== undefined) config.timeout = msUntil(this.#deadline);
    // Axios destroys a body that is too long with an error that holds the sent config, and the caller may listen to that error.
    if (isNodeStream(config.data)) config.data.prependListener('error', (error) => redactError(error, sent));
    let response: AxiosResponse | undefined;
    let rejection: AxiosOutcome['rejection'];
    try {
      response = await this.#call.adapter(config);
    } catch (reason) {
      rejection = { reason };
      response = (reason as AxiosError | undefined)?.response;
    }
    if (!response && !rejection) throw new TypeError('The adapter of the call returned no response.');
    return { status: response?.status ?? 0, response, rejection, sent, token, hadToken: guard.hadToken, state };
  }

  /** Redirects that the fetch adapter returns instead of following. The http adapter follows redirects itself. */
  readLocation({ response }: AxiosOutcome): string | null {
    const { adapter, build, config } = this.#call;
    if (config.maxRedirects === 0 || !isFetchToFollow(config)) return null;
    const { request, headers } = response ?? {};
    const location: unknown = headers?.['location'];
    // With `env: { Request: null }`, there is no request object.
    const isFetch = request ? request.redirect === 'manual' : adapter === build.getAdapter('fetch', config);
    return isFetch && typeof location === 'string' ? location : null;
  }

  sentState(): RequestState {
    // The values are those of the config; redirects only remove names. Headers without a value are not sent, and need no valid name.
    const names = Object.keys(this.#call.config.headers.toJSON());
    const headers = new Headers(names.map((name) => [name, '']));
    return { url: this.#url.resolved, method: this.#method, headers, hasBody: true };
  }

  discard({ response, sent }: AxiosOutcome): void {
    discardStream(sent.madeBody);
    if (!isStream(response?.data)) return;
    discardStream(response.data);
    // A stream that decompresses or counts the body does not end the connection.
    response.request?.destroy?.();
  }

  #makeBody(body: () => unknown): Promise<unknown> {
    return withCallTimeout(this.#call.config, this.#deadline, async (signal) => {
      const made = await body();
      // The call has been given up meanwhile.
      if (signal.aborted) discardStream(made);
      return made;
    });
  }
}

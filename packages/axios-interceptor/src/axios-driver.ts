import type { AccessToken, InstellixClient } from '@instellix/core';
import {
  type DriverResponse,
  type RedirectDriver,
  type RequestDriver,
  type RequestState,
  rememberApiUnreachable,
  requireApiHost,
} from '@instellix/core/adapter';
import type { AxiosAdapter, AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { AxiosBuild } from './axios-build.ts';
import { readCallOptions } from './call-options.ts';
import { deadlineOf, msUntil, reportConfiguredTimeout, withCallTimeout } from './call-timeout.ts';
import { checkCallUrl } from './call-url.ts';
import type { InstellixCallOptions } from './instellix-call-options.ts';
import { redactError } from './redact.ts';
import { RedirectGuard } from './redirect-guard.ts';
import { followsRedirects, prepareRequest, type SentRequest } from './sent-request.ts';
import { destroyStream, isNodeStream, isStream } from './streams.ts';

/** A response as the adapter returned it, with the error that the adapter made of it. */
export interface AxiosDriverResponse extends DriverResponse {
  readonly response: AxiosResponse;
  readonly error: AxiosError | undefined;
  readonly sent: SentRequest;
  /** The token that the request was sent with. */
  readonly token: AccessToken | undefined;
  /** The body that `instellix.body` created for the request. */
  readonly madeBody: unknown;
}

/** Holds what an adapter rejected with, unless that has a response. */
export class AdapterFailure extends Error {}

/** The context of an {@link AxiosDriver}. */
export interface AxiosDriverContext {
  readonly client: InstellixClient;
  /** That of the client's environment, of which each read makes a copy. */
  readonly apiUrl: URL;
}

/** One call of the API through an adapter of Axios. */
export class AxiosDriver implements RequestDriver<AxiosDriverResponse>, RedirectDriver<AxiosDriverResponse> {
  readonly tokens: InstellixClient;
  readonly apiUrl: URL;
  readonly redirects = this;
  readonly maxRedirects: number | undefined;
  readonly options: InstellixCallOptions;
  /** Why a rejected token could not be replaced. */
  refusal: unknown;
  readonly #build: AxiosBuild;
  readonly #adapter: AxiosAdapter;
  /** The caller's config. The token is never put into it. */
  readonly #config: InternalAxiosRequestConfig;
  readonly #url: ReturnType<typeof checkCallUrl>;
  readonly #method: string;
  readonly #deadline: number | undefined;
  #lastSent: SentRequest | undefined;

  /**
   * @throws ConfigurationError when the config contradicts itself
   * @throws RequestRefusedError `origin_not_allowed` for a URL that is not below the API's base, or a `Host` that does not name the API
   */
  constructor(
    { client, apiUrl }: AxiosDriverContext,
    build: AxiosBuild,
    adapter: AxiosAdapter,
    config: InternalAxiosRequestConfig,
  ) {
    this.tokens = client;
    this.apiUrl = apiUrl;
    this.maxRedirects = config.maxRedirects;
    this.options = readCallOptions(config);
    this.#build = build;
    this.#adapter = adapter;
    this.#config = config;
    this.#url = checkCallUrl(build, this.apiUrl, config);
    // Axios sends it as it is.
    requireApiHost(this.apiUrl, config.headers.get('Host'));
    this.#method = (config.method ?? 'get').toUpperCase();
    this.#deadline = deadlineOf(config.timeout);
  }

  get isResendable(): boolean {
    // The API has already carried out a POST that a redirect turned into a GET.
    if (this.#lastSent && this.#lastSent.guard.method !== this.#method) return false;
    return this.options.body !== undefined || !isStream(this.#config.data);
  }

  getToken(rejected?: AccessToken): Promise<AccessToken> {
    return withCallTimeout(this.#config, this.#deadline, (signal) => this.tokens.getToken({ signal, rejected }));
  }

  async refreshToken(rejected: AccessToken): Promise<AccessToken> {
    try {
      return await this.getToken(rejected);
    } catch (error) {
      this.refusal = error;
      throw error;
    }
  }

  async send(token: AccessToken | undefined, state?: RequestState): Promise<AxiosDriverResponse> {
    const bearer = token && `Bearer ${token.value}`;
    const { url, method } = state ?? { url: this.#url.resolved, method: this.#method };
    const guard = new RedirectGuard(this.apiUrl, bearer, url.href, method);
    const sent = prepareRequest(this.#config, this.#url.parts, guard, state);
    this.#lastSent = sent;
    const madeBody =
      this.options.body && state?.hasBody !== false ? await this.#makeBody(this.options.body) : undefined;
    if (madeBody !== undefined) sent.config.data = madeBody;
    if (this.#deadline !== undefined) sent.config.timeout = msUntil(this.#deadline);
    const redact = (error: unknown) => redactError(error, sent, this.#config);
    // Axios destroys a body that is too long with an error that holds the sent config, and the caller may listen to that error.
    if (isNodeStream(sent.config.data)) sent.config.data.prependListener('error', redact);
    let response: AxiosResponse;
    let error: AxiosError | undefined;
    try {
      const adapter = this.#adapter;
      response = await adapter(sent.config);
    } catch (rejection) {
      error = rejection as AxiosError | undefined;
      if (!error?.response) {
        destroyStream(madeBody);
        redact(error);
        reportConfiguredTimeout(error, sent.config.timeout, this.#config);
        if (isUnreachable(error)) rememberApiUnreachable(error);
        throw new AdapterFailure('The adapter of the call rejected: see the cause of this error.', { cause: error });
      }
      response = error.response;
    }
    const { status } = response;
    const location = this.#findLocation(response);
    return { response, error, sent, token, madeBody, status, location, hadToken: guard.hadToken, state };
  }

  sentState(): RequestState {
    // The values are those of the config; redirects only remove names.
    const headers = new Headers(Object.keys(this.#config.headers).map((name) => [name, '']));
    return { url: this.#url.resolved, method: this.#method, headers, hasBody: true };
  }

  discard({ response, madeBody }: AxiosDriverResponse): void {
    destroyStream(madeBody);
    if (!isStream(response.data)) return;
    destroyStream(response.data);
    // A stream that decompresses or counts the body does not end the connection.
    response.request?.destroy?.();
  }

  toAdapterError(error: TypeError): TypeError {
    rememberApiUnreachable(error);
    return error;
  }

  #makeBody(body: () => unknown): Promise<unknown> {
    return withCallTimeout(this.#config, this.#deadline, async (signal) => {
      const made = await body();
      // The call has been given up meanwhile.
      if (signal.aborted) destroyStream(made);
      return made;
    });
  }

  /** Returns the target of a redirect that the fetch adapter returns instead of following. The http adapter follows redirects itself. */
  #findLocation({ status, headers, request }: AxiosResponse): string | null {
    if (status < 300 || status >= 400 || !followsRedirects(this.#config)) return null;
    const location: unknown = headers?.['location'];
    // With `env: { Request: null }`, there is no request object.
    const isFetch = request
      ? request.redirect === 'manual'
      : this.#adapter === this.#build.getAdapter('fetch', this.#config);
    return isFetch && typeof location === 'string' ? location : null;
  }
}

/** The codes of Axios for a call that cannot be sent, or that was aborted. */
const notUnreachable = /^ERR_(?:BAD|CANCELED|DEPRECATED|FORM|INVALID|NOT_SUPPORT)/;

/** Returns whether an error without a response means that the API was not reached, or not in time. */
function isUnreachable(error: AxiosError | undefined): boolean {
  return error?.isAxiosError === true && !notUnreachable.test(error.code ?? '');
}

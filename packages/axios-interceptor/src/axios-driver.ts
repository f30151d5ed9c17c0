import type { AccessToken, InstellixClient } from '@instellix/core';
import {
  type DriverResponse,
  discardStream,
  isRedirect,
  isStream,
  type RedirectDriver,
  type RequestDriver,
  type RequestState,
  requireApiHost,
} from '@instellix/core/adapter';
import type { AxiosAdapter, AxiosError, AxiosRequestHeaders, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { AxiosBuild } from './axios-build.ts';
import { callBeforeRedirect } from './before-redirect.ts';
import { type InstellixCallOptions, readCallOptions } from './call-options.ts';
import { deadlineOf, msUntil, withCallTimeout } from './call-timeout.ts';
import { type CallUrl, checkCallUrl } from './call-url.ts';
import { redactError } from './redact.ts';
import { prepareRequest, type RequestTarget, redirectMode, type SentRequest } from './sent-request.ts';
import { isNodeStream } from './streams.ts';
import { createTransport } from './transport.ts';

/** One call of the API, and what sends it. */
export interface AxiosCall {
  readonly client: InstellixClient;
  readonly apiUrl: URL;
  readonly build: AxiosBuild;
  readonly adapter: AxiosAdapter;
  /** The caller's config. The token is never put into it. */
  readonly config: InternalAxiosRequestConfig;
}

/** What an adapter has made of a request: a response, or an error, which may have a response. */
export interface AxiosOutcome extends DriverResponse {
  /** 0 without a response. */
  readonly status: number;
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
  readonly #parts: CallUrl;
  readonly #deadline: number | undefined;
  #target: RequestTarget;
  #last: AxiosOutcome | undefined;

  /**
   * @throws ConfigurationError when the config contradicts itself
   * @throws RequestRefusedError `origin_not_allowed` for a URL that is not below the API's base, or a `Host` that does not name the API
   */
  constructor(call: AxiosCall) {
    const { client, apiUrl, build, config } = call;
    this.tokens = client;
    this.apiUrl = apiUrl;
    // With `error`, the first redirect is one too many.
    this.maxRedirects = redirectMode(config) === 'error' ? 0 : config.maxRedirects;
    this.options = readCallOptions(config);
    this.#call = call;
    const { parts, resolved } = checkCallUrl(build, apiUrl, config);
    const { headers, method = 'get' } = config;
    // Axios sends it as it is.
    requireApiHost(apiUrl, headers.get('Host'));
    this.#parts = parts;
    this.#target = { url: resolved, method: method.toUpperCase(), headers, mayHaveToken: true };
    this.#deadline = deadlineOf(config.timeout);
  }

  get isResendable(): boolean {
    return this.options.body !== undefined || !isStream(this.#call.config.data);
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
    const { adapter, config: callerConfig } = this.#call;
    // The same state again is a resend.
    if (state && this.#last && state !== this.#last.state) this.#target = this.#redirect(state, this.#last);
    const target = this.#target;
    const { url, method, headers } = target;
    const hasBody = state?.hasBody !== false;
    const madeBody = this.options.body && hasBody ? await this.#makeBody(this.options.body) : undefined;
    const bearer = token && target.mayHaveToken ? `Bearer ${token.value}` : undefined;
    const redirected = state && { baseURL: undefined, url: url.href, params: undefined, method };
    const config = prepareRequest(callerConfig, target, redirected ?? this.#parts, bearer);
    if (!hasBody) config.data = undefined;
    else if (madeBody !== undefined) config.data = madeBody;
    const sent: SentRequest = { config, callerConfig, target, bearer, madeBody };
    const timeoutMs = this.#deadline === undefined ? undefined : msUntil(this.#deadline);
    if (timeoutMs !== undefined) config.timeout = timeoutMs;
    if (config.transport || timeoutMs !== undefined) config.transport = createTransport(config.transport, timeoutMs);
    // Axios destroys a body that is too long with an error that holds the sent config, and the caller may listen to that error.
    if (isNodeStream(config.data)) config.data.prependListener('error', (error) => redactError(error, sent));
    let response: AxiosResponse | undefined;
    let rejection: AxiosOutcome['rejection'];
    try {
      response = await adapter(config);
    } catch (reason) {
      rejection = { reason };
      response = (reason as AxiosError | undefined)?.response;
    }
    if (!response && !rejection) throw new TypeError('The adapter of the call returned no response.');
    const status = response?.status ?? 0;
    const outcome: AxiosOutcome = {
      ...{ status, response, rejection, sent, token, hadToken: bearer !== undefined },
      location: this.#findLocation(response),
      state: state && { url, method, headers: namesOf(headers), hasBody },
    };
    this.#last = outcome;
    return outcome;
  }

  sentState(): RequestState {
    const { url, method, headers } = this.#target;
    return { url, method, headers: namesOf(headers), hasBody: true };
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

  /** Returns what a redirect leads to, and lets the caller's own `beforeRedirect` change it. */
  #redirect({ url, method, headers: kept }: RequestState, { response }: AxiosOutcome): RequestTarget {
    const { build, apiUrl, config } = this.#call;
    const headers = this.#target.headers.concat();
    for (const name of Object.keys(headers)) if (!kept.has(name)) headers.delete(name);
    if (url.origin !== this.#target.url.origin) headers.delete([config.sensitiveHeaders ?? []].flat());
    const to = { url, method, headers, mayHaveToken: true };
    if (!config.beforeRedirect || !response) return to;
    return callBeforeRedirect(build, apiUrl, config.beforeRedirect, { from: this.#target, to, response });
  }

  /** Returns the target of a redirect that is to be followed. Those that a mock has made up are the response, as without us. */
  #findLocation(response: AxiosResponse | undefined): string | null {
    const { adapter, build, config } = this.#call;
    if (!response || !isRedirect(response.status)) return null;
    if (config.maxRedirects === 0 || redirectMode(config) === 'manual') return null;
    const location: unknown = response.headers?.['location'];
    const { request } = response;
    // With `env: { Request: null }`, the fetch adapter has no request object.
    const isReal = request ? request.getHeader || request.redirect : adapter === build.getAdapter('fetch', config);
    return isReal && typeof location === 'string' ? location : null;
  }
}

/** Returns headers of these names. The values are in the config; redirects only remove names. */
function namesOf(headers: AxiosRequestHeaders): Headers {
  return new Headers(Object.keys(headers).map((name) => [name, '']));
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AccessToken, type AnyInstellixError, isInstellixError } from '@instellix/core';
import { refreshInBackground } from '@instellix/core/adapter';
import { type ApiResponse, findRefusal, sendApiRequest, targetAt, type ValidatedRequest } from './api-request.ts';
import { drainRequest } from './drain-request.ts';
import { InactivityTimer } from './inactivity-timer.ts';
import type { ExchangeOutcome } from './proxy-event.ts';
import { type ProxyProblemCode, ProxyRejection, respondWithProblem } from './proxy-problem.ts';
import type { ProxySettings } from './proxy-settings.ts';
import { RequestBody } from './request-body.ts';
import { discardBody, relayResponse, truncateResponse } from './response-relay.ts';

/** One request on its way: its body, its tokens, its response. */
export class ProxyExchange {
  readonly #settings: ProxySettings;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #validated: ValidatedRequest;
  readonly #onEnded: (outcome: ExchangeOutcome) => void;
  readonly #abort = new AbortController();
  readonly #inactivity = new InactivityTimer(() => this.#expire());
  #totalTimer: NodeJS.Timeout | undefined;
  #body: RequestBody | undefined;
  #isWaitingForHeaders = false;
  #isResent = false;
  #apiBody: ApiResponse['body'] | undefined;
  #isApiDone = false;
  #hasEnded = false;

  /** @param onEnded called once */
  constructor(
    settings: ProxySettings,
    request: IncomingMessage,
    response: ServerResponse,
    validated: ValidatedRequest,
    onEnded: (outcome: ExchangeOutcome) => void,
  ) {
    this.#settings = settings;
    this.#request = request;
    this.#response = response;
    this.#validated = validated;
    this.#onEnded = onEnded;
  }

  async run(): Promise<void> {
    const { client, timeouts } = this.#settings;
    const { signal } = this.#abort;
    const { totalMs } = timeouts;
    const onClose = () => this.#close('aborted');
    this.#response.once('finish', () => this.#close(this.#isApiDone ? 'forwarded' : 'aborted'));
    this.#response.once('close', onClose).on('error', onClose);
    if (totalMs !== undefined) {
      this.#totalTimer = setTimeout(() => this.fail('upstream_timeout', { reason: 'totalMs' }), totalMs);
    }
    try {
      await this.#takeBody();
      const token = client.peekToken() ?? (await client.getToken({ signal }));
      let apiResponse = await this.#send(token);
      if (apiResponse.statusCode === 401) {
        if (this.#body?.canBeResent === false) refreshInBackground(client, token);
        else apiResponse = await this.#resend(apiResponse, token);
      }
      this.#respond(apiResponse);
    } catch (error) {
      this.#failWith(error);
    }
  }

  /** Ends the exchange with a problem document, or cuts off a response that has begun. */
  fail(code: ProxyProblemCode, { error, reason }: { error?: AnyInstellixError; reason?: string } = {}): void {
    if (this.#hasEnded) return;
    const isCallersFault = code === 'body_too_large' || code === 'request_timeout';
    const outcome = isCallersFault ? 'refused' : 'failed';
    const hasBegun = this.#response.headersSent;
    this.#body?.close();
    const status = hasBegun
      ? this.#response.statusCode
      : respondWithProblem(this.#request, this.#response, error ?? new ProxyRejection(code));
    this.#end({ outcome, status, code: error?.code ?? code, error, reason });
    if (hasBegun) truncateResponse(this.#request, this.#response);
  }

  /** Short bodies are read whole before anything is sent, so that slow callers occupy no connection to the API. */
  async #takeBody(): Promise<void> {
    const { bodyLength } = this.#validated;
    const { maxBodyBytes, resendBodyBytes, timeouts } = this.#settings;
    if (bodyLength === 0) return;
    await new Promise<void>((resolve) => {
      this.#body = new RequestBody(this.#request, this.#settings, {
        onProgress: () => this.#inactivity.recordProgress(),
        onComplete: () => {
          resolve();
          if (this.#isWaitingForHeaders) this.#inactivity.start(timeouts.headersMs);
        },
        onOverflow: () => this.fail('body_too_large', { reason: `more than ${maxBodyBytes} bytes` }),
      });
      if (bodyLength === undefined || bodyLength > resendBodyBytes) return resolve();
      this.#inactivity.start(timeouts.idleMs);
      this.#body.collect();
    });
    this.#inactivity.stop();
  }

  async #send(token: AccessToken): Promise<ApiResponse> {
    const { client, dispatcher, timeouts } = this.#settings;
    const { headersMs, idleMs } = timeouts;
    const { signal } = this.#abort;
    signal.throwIfAborted();
    this.#isWaitingForHeaders = true;
    this.#inactivity.start(this.#body?.isComplete === false ? idleMs : headersMs);
    const { apiUrl } = client.environment;
    const apiResponse = await sendApiRequest(dispatcher, apiUrl, this.#validated, this.#body, token, signal);
    this.#isWaitingForHeaders = false;
    return apiResponse;
  }

  /** Sends the request once more, with a token that the API has not rejected. */
  async #resend({ body }: ApiResponse, rejected: AccessToken): Promise<ApiResponse> {
    this.#inactivity.stop();
    this.#body?.hold();
    discardBody(body);
    const token = await this.#settings.client.getToken({ signal: this.#abort.signal, rejected });
    this.#isResent = true;
    return this.#send(token);
  }

  #respond(apiResponse: ApiResponse): void {
    const { statusCode, headers, body } = apiResponse;
    const { client, timeouts, responseHeaders } = this.#settings;
    const { apiUrl } = client.environment;
    const response = this.#response;
    const error = findRefusal(apiResponse, client);
    const selected = responseHeaders.select(headers, statusCode, {
      apiUrl,
      requested: targetAt(apiUrl, this.#validated.target),
      mountPath: this.#validated.mountPath,
      getHeader: (name) => response.getHeader(name),
    });
    // A 407 is about a proxy between the service and the API. The caller would look for a proxy of its own.
    if (error || !selected || statusCode === 407) {
      discardBody(body);
      this.fail('upstream_failed', error ? { error } : { reason: 'a response that cannot be forwarded' });
      return;
    }
    this.#apiBody = body;
    // Bytes that have left Node: they go on moving after the API has sent all.
    const { socket } = response;
    const countDelivered = () => (socket?.bytesWritten ?? 0) - (socket?.writableLength ?? 0);
    this.#inactivity.start(timeouts.idleMs, countDelivered);
    relayResponse(apiResponse, selected, this.#request, response, {
      onProgress: () => this.#inactivity.recordProgress(),
      onComplete: () => this.#completeApiResponse(),
      onBroken: (error) => this.#failWith(error),
    });
  }

  /** When the API has responded before it had the whole request, the rest goes nowhere. */
  #completeApiResponse(): void {
    this.#isApiDone = true;
    if (this.#body?.isComplete !== false) return;
    this.#body.close();
    drainRequest(this.#request, this.#response);
  }

  /** Nothing has happened for the time of the stage. */
  #expire(): void {
    if (this.#apiBody && (this.#isApiDone || this.#apiBody.isPaused())) {
      this.#close('aborted');
      truncateResponse(this.#request, this.#response);
      return;
    }
    const isCallerLate = !this.#apiBody && this.#body?.isComplete === false && !this.#body.isWaitingForApi;
    this.fail(isCallerLate ? 'request_timeout' : 'upstream_timeout');
  }

  #failWith(error: unknown): void {
    const { code, name } = error as { readonly code?: unknown; readonly name?: string };
    const reason = typeof code === 'string' ? code : String(name);
    if (isInstellixError(error)) this.fail('upstream_failed', { error });
    else this.fail(timeoutCode.test(reason) ? 'upstream_timeout' : 'upstream_failed', { reason });
  }

  #close(outcome: 'forwarded' | 'aborted'): void {
    this.#end({ outcome, status: this.#response.headersSent ? this.#response.statusCode : undefined });
  }

  #end(outcome: Omit<ExchangeOutcome, 'resent'>): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#inactivity.stop();
    clearTimeout(this.#totalTimer);
    // After a complete response, only the rest of a 401 can be in progress, which may save its connection.
    if (!this.#isApiDone) this.#abort.abort();
    this.#onEnded({ ...outcome, resent: this.#isResent });
  }
}

/** The codes of undici and of Node. */
const timeoutCode = /^(?:UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT|ETIMEDOUT)$/;

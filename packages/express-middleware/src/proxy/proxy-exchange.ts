import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessToken } from '@instellix/core';
import { completeRequest, type RequestDriver } from '@instellix/core/adapter';
import { ApiRequest, type ApiResponse, findRefusal, targetAt } from './api-request.ts';
import { drainRequest } from './drain-request.ts';
import { InactivityTimer } from './inactivity-timer.ts';
import type { ExchangeOutcome } from './proxy-event.ts';
import {
  classifyFailure,
  type FailureDetails,
  type ProxyProblemCode,
  ProxyRejection,
  respondWithProblem,
} from './proxy-problem.ts';
import type { ProxySettings } from './proxy-settings.ts';
import { RequestBody } from './request-body.ts';
import { countDelivered, relayResponse, truncateResponse } from './response-relay.ts';
import type { ValidatedRequest } from './validated-request.ts';

/** Forwards one request that was allowed: takes its body, obtains a token, sends it, and relays the response. */
export class ProxyExchange {
  readonly #settings: ProxySettings;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #validated: ValidatedRequest;
  readonly #onEnded: (outcome: ExchangeOutcome) => void;
  readonly #inactivity = new InactivityTimer(() => this.#expire());
  #totalTimer: NodeJS.Timeout | undefined;
  #body: RequestBody | undefined;
  /** What the exchange is waiting for. With a closure of its own, each exchange outlived young garbage collections (Node 24). */
  #pending: { abort(): void } | undefined;
  #isWaitingForHeaders = false;
  #sentCount = 0;
  /** The request to the API whose response is being relayed. */
  #relayed: ApiRequest | undefined;
  #isApiDone = false;
  #hasEnded = false;

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
    const onClose = () => this.#close('aborted');
    this.#response.once('finish', () => this.#close(this.#isApiDone ? 'forwarded' : 'aborted'));
    this.#response.once('close', onClose).on('error', onClose);
    const { totalMs } = timeouts;
    if (totalMs) this.#totalTimer = setTimeout(() => this.fail('upstream_timeout', { reason: 'totalMs' }), totalMs);
    try {
      await this.#takeBody();
      const token = client.peekToken() ?? (await this.#getToken());
      this.#respond(await completeRequest(this.#createDriver(), await this.#send(token), token));
    } catch (error) {
      this.#failWith(error);
    }
  }

  /** Ends the exchange with a problem document, or cuts off a response that has begun. */
  fail(code: ProxyProblemCode, { error, reason }: FailureDetails = {}): void {
    if (this.#hasEnded) return;
    const outcome = code === 'body_too_large' || code === 'request_timeout' ? 'refused' : 'failed';
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
  }

  async #getToken(rejected?: AccessToken): Promise<AccessToken> {
    this.#inactivity.stop();
    this.#body?.hold();
    const controller = new AbortController();
    this.#pending = controller;
    const token = await this.#settings.client.getToken({ signal: controller.signal, rejected });
    // Clients that are not ours may ignore the signal, and nothing is sent for a caller that has left.
    controller.signal.throwIfAborted();
    return token;
  }

  async #send(token: AccessToken): Promise<ApiResponse> {
    const { timeouts } = this.#settings;
    this.#sentCount++;
    this.#isWaitingForHeaders = true;
    this.#inactivity.start(this.#body?.isComplete === false ? timeouts.idleMs : timeouts.headersMs);
    const request = new ApiRequest(this.#settings, this.#validated, this.#body?.open() ?? null, token);
    this.#pending = request;
    const response = await request.response;
    this.#isWaitingForHeaders = false;
    return response;
  }

  #createDriver(): RequestDriver<ApiResponse> {
    const body = this.#body;
    return {
      tokens: this.#settings.client,
      // More of the body may arrive during the first resend than is kept for a second one.
      get isResendable() {
        return body?.canBeResent !== false;
      },
      refreshToken: (rejected) => this.#getToken(rejected),
      send: (token) => this.#send(token as AccessToken),
      discard: ({ request }) => request.discard(),
    };
  }

  #respond(apiResponse: ApiResponse): void {
    const { status, headers, request } = apiResponse;
    const { apiUrl, client, timeouts, responseHeaders } = this.#settings;
    const response = this.#response;
    const error = findRefusal(apiResponse, client.environment);
    const { mountPath } = this.#validated;
    const context = { apiUrl, requested: targetAt(apiUrl, this.#validated), mountPath, response };
    const selected = responseHeaders.select(headers, status, context);
    // A 407 is about a proxy between the service and the API. The caller would look for a proxy of its own.
    if (error || !selected || status === 407) {
      request.discard();
      this.fail('upstream_failed', error ? { error } : { reason: 'a response that cannot be forwarded' });
      return;
    }
    this.#relayed = request;
    // Bytes go on moving to the caller after the API has sent all.
    this.#inactivity.start(timeouts.idleMs, () => countDelivered(response));
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

  /** Called when nothing has arrived or left for as long as the current stage allows. */
  #expire(): void {
    if (this.#relayed && (this.#isApiDone || this.#relayed.isPaused)) {
      this.#close('aborted');
      truncateResponse(this.#request, this.#response);
      return;
    }
    const isCallerLate = !this.#relayed && this.#body?.isComplete === false && !this.#body.isWaitingForApi;
    this.fail(isCallerLate ? 'request_timeout' : 'upstream_timeout');
  }

  #failWith(thrown: unknown): void {
    const { code, ...details } = classifyFailure(thrown);
    this.fail(code, details);
  }

  #close(outcome: 'forwarded' | 'aborted'): void {
    this.#end({ outcome, status: this.#response.headersSent ? this.#response.statusCode : undefined });
  }

  #end(outcome: Omit<ExchangeOutcome, 'resent'>): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#inactivity.stop();
    clearTimeout(this.#totalTimer);
    this.#pending?.abort();
    this.#onEnded({ ...outcome, resent: this.#sentCount > 1 });
  }
}

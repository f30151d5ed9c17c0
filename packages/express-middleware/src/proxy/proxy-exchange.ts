import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AccessToken } from '@instellix/core';
import { completeRequest, type RequestDriver } from '@instellix/core/adapter';
import { ApiRequest, type ApiResponse, type BodySink, createDiscardingSink } from './api-request.ts';
import { drainRequest } from './drain-request.ts';
import { findRefusal, selectHeaders } from './forwardable-response.ts';
import type { ProxyEvent } from './proxy-event.ts';
import { classifyFailure, ProxyRejection, respondWithProblem } from './proxy-problem.ts';
import type { ProxySettings } from './proxy-settings.ts';
import { RequestBody } from './request-body.ts';
import {
  isBodiless,
  isWaitingForTurn,
  ResponseRelay,
  sentStatus,
  truncateResponse,
  writeHead,
} from './response-relay.ts';
import type { ValidatedRequest } from './validated-request.ts';

/** What an exchange reports about its end. */
export type ExchangeOutcome = Pick<ProxyEvent, 'outcome'> & Partial<ProxyEvent>;

/** Forwards one request that was allowed: takes its body, obtains a token, sends it, and relays the response. */
export class ProxyExchange implements RequestDriver<ApiResponse> {
  readonly #settings: ProxySettings;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #validated: ValidatedRequest;
  #onEnded: (outcome: ExchangeOutcome) => void = () => {};
  /** Resolves when the exchange has ended. */
  readonly ended = new Promise<ExchangeOutcome>((resolve) => {
    this.#onEnded = resolve;
  });
  #hasEnded = false;
  #body: RequestBody | undefined;
  /** What the exchange is waiting for. */
  #pending: AbortController | ApiRequest | undefined;
  #sentCount = 0;
  #relay: ResponseRelay | undefined;
  #inactivityTimer: NodeJS.Timeout | undefined;
  #totalTimer: NodeJS.Timeout | undefined;

  constructor(
    settings: ProxySettings,
    request: IncomingMessage,
    response: ServerResponse,
    validated: ValidatedRequest,
  ) {
    this.#settings = settings;
    this.#request = request;
    this.#response = response;
    this.#validated = validated;
  }

  start(): void {
    const onClose = () => this.#end({ outcome: 'aborted' });
    this.#response.on('finish', () => this.#end({ outcome: this.#relay?.isComplete ? 'forwarded' : 'aborted' }));
    this.#response.on('close', onClose).on('error', onClose);
    const { totalMs } = this.#settings.timeouts;
    const onTotal = () => this.fail(new ProxyRejection('upstream_timeout', { reason: 'totalMs' }));
    if (totalMs) this.#totalTimer = setTimeout(onTotal, totalMs);
    void this.#forward();
  }

  /** Ends the exchange if the connection that has closed is that of the caller. */
  endWith(closed: Socket): void {
    if (this.#request.socket === closed) this.#end({ outcome: 'aborted' });
  }

  /** Ends the exchange with a problem document, or cuts off a response that has begun. */
  fail(thrown: unknown): void {
    if (this.#hasEnded) return;
    const hasBegun = this.#response.headersSent;
    // Other middleware has responded meanwhile.
    if (hasBegun && !this.#relay) {
      this.#end({ outcome: 'aborted' });
      return;
    }
    const problem = classifyFailure(thrown);
    const { code } = problem;
    const outcome = code === 'body_too_large' || code === 'request_timeout' ? 'refused' : 'failed';
    const cause = problem instanceof ProxyRejection ? { reason: problem.reason } : { error: problem };
    if (!hasBegun) respondWithProblem(this.#request, this.#response, problem);
    this.#end({ outcome, code, ...cause });
    if (hasBegun) truncateResponse(this.#request, this.#response);
  }

  get tokens(): ProxySettings['client'] {
    return this.#settings.client;
  }

  /** More of the body may arrive during the first resend than is kept for a second one. */
  get isResendable(): boolean {
    return this.#body?.canBeResent !== false;
  }

  async refreshToken(rejected?: AccessToken): Promise<AccessToken> {
    clearInterval(this.#inactivityTimer);
    this.#body?.hold();
    const controller = new AbortController();
    this.#pending = controller;
    const token = await this.#settings.client.getToken({ signal: controller.signal, rejected });
    // Clients that are not ours may ignore the signal, and nothing is sent for a caller that has left.
    controller.signal.throwIfAborted();
    return token;
  }

  send(token: AccessToken): Promise<ApiResponse> {
    const { timeouts } = this.#settings;
    this.#sentCount++;
    this.#restartInactivityTimer(this.#body?.isComplete === false ? timeouts.idleMs : timeouts.headersMs);
    const body = this.#body?.open() ?? null;
    const request = new ApiRequest(this.#settings, this.#validated, body, token, (head) => this.#chooseSink(head));
    this.#pending = request;
    return request.response;
  }

  /** A response that is not forwarded has been discarded since its head arrived. */
  discard(): void {}

  async #forward(): Promise<void> {
    const { client, timeouts } = this.#settings;
    try {
      if (this.#validated.bodyLength !== 0) await this.#takeBody();
      const token = client.peekToken() ?? (await this.refreshToken());
      const apiResponse = await completeRequest(this, await this.send(token), token);
      if (!this.#relay) {
        const reason = 'a response that cannot be forwarded';
        throw findRefusal(apiResponse, client.environment) ?? new ProxyRejection('upstream_failed', { reason });
      }
      // The head of the response has been written, and with it what has arrived of the body. Short responses have ended.
      if (this.#hasEnded) return;
      this.#restartInactivityTimer(timeouts.idleMs);
      this.#relay.flushHead();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Short bodies are read whole before anything is sent, so that slow callers occupy no connection to the API. */
  #takeBody(): Promise<void> {
    const { bodyLength } = this.#validated;
    const { resendBodyBytes, timeouts } = this.#settings;
    return new Promise((resolve) => {
      const onComplete = () => {
        resolve();
        // The API has the whole request, and its response is due.
        if (this.#pending instanceof ApiRequest && !this.#relay) this.#restartInactivityTimer(timeouts.headersMs);
      };
      this.#body = new RequestBody(this.#request, this.#settings, onComplete, (error) => this.fail(error));
      if (bodyLength === undefined || bodyLength > resendBodyBytes) return resolve();
      this.#restartInactivityTimer(timeouts.idleMs);
      this.#body.collect();
    });
  }

  /** Begins to relay a response. One that is not forwarded is discarded. */
  #chooseSink(apiResponse: ApiResponse): BodySink {
    const { status, request } = apiResponse;
    const headers = selectHeaders(apiResponse, this.#validated, this.#settings, this.#response);
    if (headers && !this.#hasEnded) {
      writeHead(this.#response, status, headers);
      this.#relay = new ResponseRelay(request, this.#response, {
        onEnd: () => this.#completeApiResponse(),
        onError: (error) => this.fail(error),
      });
      if (!isBodiless(this.#request.method, status)) return this.#relay;
      this.#relay.onEnd();
    }
    // Reading the rest does not end with the exchange.
    this.#pending = undefined;
    return createDiscardingSink(request);
  }

  /** When the API has responded before it had the whole request, the rest goes nowhere. */
  #completeApiResponse(): void {
    if (this.#body?.isComplete !== false) return;
    this.#body.close();
    drainRequest(this.#request, this.#response);
  }

  /** Expires when no byte has moved for the limit, at the earliest, and for twice the limit, at the latest. */
  #restartInactivityTimer(limitMs: number): void {
    clearInterval(this.#inactivityTimer);
    let last = this.#countBytes();
    this.#inactivityTimer = setInterval(() => {
      const current = this.#countBytes();
      if (current === last) this.#expire();
      last = current;
    }, limitMs);
  }

  #countBytes(): number {
    return (this.#body?.receivedBytes ?? 0) + (this.#relay?.movedBytes ?? 0);
  }

  /** Called when no byte has moved for as long as the current stage allows. */
  #expire(): void {
    if (this.#relay?.isWaitingForCaller) {
      // The responses before it have timers of their own.
      if (isWaitingForTurn(this.#response)) return;
      this.#end({ outcome: 'aborted' });
      truncateResponse(this.#request, this.#response);
      return;
    }
    const isCallerLate = !this.#relay && this.#body?.isWaitingForCaller;
    this.fail(new ProxyRejection(isCallerLate ? 'request_timeout' : 'upstream_timeout'));
  }

  #end(outcome: ExchangeOutcome): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearInterval(this.#inactivityTimer);
    clearTimeout(this.#totalTimer);
    this.#body?.close();
    this.#pending?.abort();
    // Read now: listeners of other code may still change it.
    this.#onEnded({ ...outcome, status: sentStatus(this.#response), resent: this.#sentCount > 1 });
  }
}

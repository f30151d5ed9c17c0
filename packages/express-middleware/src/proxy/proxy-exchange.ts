import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AccessToken, type AnyInstellixError, describeRefusal, isInstellixError } from '@instellix/core';
import { refreshInBackground } from '@instellix/core/adapter';
import { drainRequest } from './drain-request.ts';
import { InactivityTimer } from './inactivity-timer.ts';
import type { ProxyContext } from './proxy-context.ts';
import type { ExchangeOutcome } from './proxy-event.ts';
import { answerError, answerProblem, type ProxyProblemCode } from './proxy-problem.ts';
import { RequestBody } from './request-body.ts';
import { ResponseDrain } from './response-drain.ts';
import type { ReceivedHeaders } from './response-headers.ts';
import { ResponseRelay } from './response-relay.ts';
import { type ResponseSink, UpstreamRequest, type UpstreamRequestOwner } from './upstream-request.ts';
import type { ValidatedRequest } from './validated-request.ts';

/** What an exchange is about. */
export interface ExchangeParts {
  readonly context: ProxyContext;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly validated: ValidatedRequest;
  /** Called once. */
  readonly ended: (outcome: ExchangeOutcome) => void;
}

/** One admitted request on its way: its body, its tokens, its answer. */
export class ProxyExchange implements UpstreamRequestOwner {
  readonly #parts: ExchangeParts;
  readonly #timer = new InactivityTimer(() => this.#expire());
  #tokenWait: AbortController | undefined;
  #total: NodeJS.Timeout | undefined;
  #body: RequestBody | undefined;
  #attempt: UpstreamRequest | undefined;
  #relay: ResponseRelay | undefined;
  #token: AccessToken | undefined;
  #isReplay = false;
  #isSentAgain = false;
  #isRelayed = false;
  #hasEnded = false;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  run(): void {
    const { context, response, validated } = this.#parts;
    const { timeouts } = context.settings;
    const { announced } = validated.framing;
    response.once('close', () => this.#closed());
    if (timeouts.totalMs !== undefined) {
      this.#total = setTimeout(() => this.#fail('upstream_timeout', { reason: 'totalMs' }), timeouts.totalMs);
    }
    if (announced === 0) this.#sendOnceAuthorized();
    else this.#takeBody(announced);
  }

  started(): void {
    const { idleMs, headersMs } = this.#parts.context.settings.timeouts;
    this.#timer.start(this.#body && !this.#body.isComplete ? idleMs : headersMs);
  }

  answered(attempt: UpstreamRequest, status: number, headers: ReceivedHeaders): ResponseSink {
    const challenge = headers['www-authenticate']?.toString() ?? '';
    if (status === 401) return this.#renewToken(attempt);
    if (status === 403 && insufficientScope.test(challenge)) return this.#refused(attempt, status, challenge);
    const { context, validated, response } = this.#parts;
    const head = context.responseHeaders.select(headers, status, {
      apiUrl: context.apiUrl,
      requested: context.upstreamTarget(validated.target),
      mountPath: validated.mountPath,
      vary: response.getHeader('vary')?.toString(),
    });
    // A 407 speaks of a proxy between us and the API, and would have callers look for one of theirs.
    if (!head || status === 407) {
      this.#fail('upstream_failed', { reason: 'an answer that cannot be relayed' });
      return new ResponseDrain(attempt);
    }
    for (let i = 0; i < head.headers.length; i += 2) {
      response.setHeader(head.headers[i] as string, head.headers[i + 1] as string);
    }
    response.writeHead(status);
    this.#timer.start(context.settings.timeouts.idleMs);
    this.#relay = new ResponseRelay(attempt, response, head.isSized, {
      progressed: () => this.#timer.progress(),
      relayed: () => this.#relayed(),
      broken: (error) => this.failed(error),
    });
    return this.#relay;
  }

  failed(error: Error & { readonly code?: unknown }): void {
    const reason = typeof error.code === 'string' ? error.code : error.name;
    this.#fail(reason === 'UND_ERR_CONNECT_TIMEOUT' ? 'upstream_timeout' : 'upstream_failed', { reason });
  }

  #takeBody(announced: number | undefined): void {
    const { context, request } = this.#parts;
    const { maxBodyBytes, replayBodyBytes, timeouts } = context.settings;
    // Short ones wait here for slow callers, and not at the API.
    const isCollected = announced !== undefined && announced <= replayBodyBytes;
    this.#body = new RequestBody(request, context.settings, {
      progressed: () => this.#timer.progress(),
      completed: () => (isCollected ? this.#sendOnceAuthorized() : this.#bodySent()),
      overflowed: () => this.#fail('body_too_large', { reason: `more than ${maxBodyBytes} bytes` }),
    });
    if (isCollected) {
      this.#timer.start(timeouts.idleMs);
      this.#body.collect();
    } else this.#sendOnceAuthorized();
  }

  #sendOnceAuthorized(): void {
    const token = this.#parts.context.client.peekToken();
    this.#timer.stop();
    if (token) this.#send(token);
    else this.#getToken(undefined);
  }

  #getToken(rejected: AccessToken | undefined): void {
    const { client } = this.#parts.context;
    this.#tokenWait = new AbortController();
    client.getToken({ signal: this.#tokenWait.signal, rejected }).then(
      (token) => this.#send(token),
      (error: unknown) => this.#fail('upstream_failed', isInstellixError(error) ? { error } : { reason: 'no token' }),
    );
  }

  #send(token: AccessToken): void {
    if (this.#hasEnded) return;
    const { context, request, validated } = this.#parts;
    this.#token = token;
    this.#isSentAgain = this.#isReplay;
    this.#attempt = new UpstreamRequest(context.upstream, this);
    const { announced } = validated.framing;
    const headers = [...validated.headers, 'authorization', `Bearer ${token.value}`];
    if (announced) headers.push('content-length', String(announced));
    const path = context.upstreamTarget(validated.target);
    const body = this.#body?.open() ?? null;
    context.upstream.dispatch({ path, method: request.method ?? '', headers, body }, this.#attempt);
  }

  #bodySent(): void {
    if (this.#attempt && !this.#relay) this.#timer.start(this.#parts.context.settings.timeouts.headersMs);
  }

  /** The API does not take the token: another one, once. */
  #renewToken(attempt: UpstreamRequest): ResponseSink {
    const isRepeatable = !this.#body || this.#body.canBeSentAgain;
    if (this.#isReplay || !isRepeatable) {
      if (this.#token && !this.#isReplay) refreshInBackground(this.#parts.context.client, this.#token);
      return this.#refused(attempt, 401, '');
    }
    this.#isReplay = true;
    this.#attempt = undefined;
    this.#body?.hold();
    this.#timer.stop();
    this.#getToken(this.#token);
    return new ResponseDrain(attempt);
  }

  #refused(attempt: UpstreamRequest, status: number, challenge: string): ResponseSink {
    const { name } = this.#parts.context.client.environment;
    const answer = { status, headers: { get: () => challenge } };
    this.#attempt = undefined;
    this.#fail('upstream_failed', { error: describeRefusal(answer, { subject: `environment ${name}` }) });
    return new ResponseDrain(attempt);
  }

  #relayed(): void {
    this.#isRelayed = true;
    this.#attempt = undefined;
    if (!this.#body || this.#body.isComplete) return;
    this.#body.close();
    drainRequest(this.#parts.request, this.#parts.response);
  }

  /** Nothing has happened for the time of the stage. */
  #expire(): void {
    const { response } = this.#parts;
    if (this.#relay && response.writableLength > 0) return void response.destroy();
    const isCallerLate = !this.#relay && this.#body && !this.#body.isComplete && !this.#body.isHeldBack;
    this.#fail(isCallerLate ? 'request_timeout' : 'upstream_timeout');
  }

  /** The answer is with the caller, or the caller is gone. */
  #closed(): void {
    const { response } = this.#parts;
    const isWhole = this.#isRelayed && response.writableFinished;
    const status = response.headersSent ? response.statusCode : undefined;
    this.#end({ outcome: isWhole ? 'forwarded' : 'abandoned', status });
  }

  #fail(
    code: ProxyProblemCode,
    { error, reason }: { error?: AnyInstellixError | undefined; reason?: string } = {},
  ): void {
    if (this.#hasEnded) return;
    const { request, response } = this.#parts;
    const isCallersFault = code === 'body_too_large' || code === 'request_timeout';
    const outcome = isCallersFault ? 'refused' : 'failed';
    if (response.headersSent) {
      this.#end({ outcome, status: response.statusCode, code, error, reason });
      this.#relay?.abortResponse();
      return;
    }
    this.#body?.close();
    const status = error ? answerError(response, error) : answerProblem(response, code);
    this.#end({ outcome, status, code: error?.code ?? code, error, reason });
    drainRequest(request, response);
  }

  #end({ outcome, status, code, error, reason }: Partial<ExchangeOutcome> & Pick<ExchangeOutcome, 'outcome'>): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#timer.stop();
    clearTimeout(this.#total);
    this.#attempt?.abort();
    this.#tokenWait?.abort();
    this.#parts.ended({ outcome, status, code, error, reason, replayed: this.#isSentAgain });
  }
}

/** @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1 */
const insufficientScope = /\berror\s*=\s*"?insufficient_scope\b/i;

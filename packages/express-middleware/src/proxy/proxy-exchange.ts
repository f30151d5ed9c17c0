import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AccessToken, type AnyInstellixError, describeRefusal, isInstellixError } from '@instellix/core';
import { refreshInBackground } from '@instellix/core/adapter';
import type { Admission } from './admission.ts';
import { DiscardedAnswer } from './discarded-answer.ts';
import type { ExchangeOutcome } from './proxy-event.ts';
import { answerError, answerProblem, type ProxyProblemCode } from './proxy-problem.ts';
import type { ProxyScope } from './proxy-scope.ts';
import { RelayedAnswer } from './relayed-answer.ts';
import { RequestBody } from './request-body.ts';
import type { ReceivedHeaders } from './response-headers.ts';
import { StageTimer } from './stage-timer.ts';
import { readUnreadBody } from './unread-body.ts';
import { type AnswerSink, type AttemptOwner, UpstreamAttempt } from './upstream-attempt.ts';

/** What an exchange is about. */
export interface ExchangeParts {
  readonly scope: ProxyScope;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly admission: Admission;
  /** Called once. */
  readonly ended: (outcome: ExchangeOutcome) => void;
}

/** One admitted request on its way: its body, its tokens, its answer. */
export class ProxyExchange implements AttemptOwner {
  readonly #parts: ExchangeParts;
  readonly #timer = new StageTimer(() => this.#expire());
  #tokenWait: AbortController | undefined;
  #total: NodeJS.Timeout | undefined;
  #body: RequestBody | undefined;
  #attempt: UpstreamAttempt | undefined;
  #relay: RelayedAnswer | undefined;
  #token: AccessToken | undefined;
  #isReplay = false;
  #isSentAgain = false;
  #isRelayed = false;
  #hasEnded = false;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  run(): void {
    const { scope, response, admission } = this.#parts;
    const { timeouts } = scope.settings;
    const { announced } = admission.framing;
    response.once('close', () => this.#closed());
    if (timeouts.totalMs !== undefined) {
      this.#total = setTimeout(() => this.#fail('upstream_timeout', { reason: 'totalMs' }), timeouts.totalMs);
    }
    if (announced === 0) this.#sendOnceAuthorized();
    else this.#takeBody(announced);
  }

  started(): void {
    const { idleMs, headersMs } = this.#parts.scope.settings.timeouts;
    this.#timer.start(this.#body && !this.#body.isComplete ? idleMs : headersMs);
  }

  answered(attempt: UpstreamAttempt, status: number, headers: ReceivedHeaders): AnswerSink {
    const challenge = headers['www-authenticate']?.toString() ?? '';
    if (status === 401) return this.#renewToken(attempt);
    if (status === 403 && insufficientScope.test(challenge)) return this.#refused(attempt, status, challenge);
    const { scope, admission, response } = this.#parts;
    const head = scope.responseHeaders.select(headers, status, {
      apiUrl: scope.apiUrl,
      requested: scope.upstreamTarget(admission.target),
      mountPath: admission.mountPath,
      vary: response.getHeader('vary')?.toString(),
    });
    // A 407 speaks of a proxy between us and the API, and would have callers look for one of theirs.
    if (!head || status === 407) {
      this.#fail('upstream_failed', { reason: 'an answer that cannot be relayed' });
      return new DiscardedAnswer(attempt);
    }
    for (let i = 0; i < head.headers.length; i += 2) {
      response.setHeader(head.headers[i] as string, head.headers[i + 1] as string);
    }
    response.writeHead(status);
    this.#timer.start(scope.settings.timeouts.idleMs);
    this.#relay = new RelayedAnswer(attempt, response, head.isSized, {
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
    const { scope, request } = this.#parts;
    const { maxBodyBytes, replayBodyBytes, timeouts } = scope.settings;
    // Short ones wait here for slow callers, and not at the API.
    const isCollected = announced !== undefined && announced <= replayBodyBytes;
    this.#body = new RequestBody(request, scope.settings, {
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
    const token = this.#parts.scope.client.peekToken();
    this.#timer.stop();
    if (token) this.#send(token);
    else this.#getToken(undefined);
  }

  #getToken(rejected: AccessToken | undefined): void {
    const { client } = this.#parts.scope;
    this.#tokenWait = new AbortController();
    client.getToken({ signal: this.#tokenWait.signal, rejected }).then(
      (token) => this.#send(token),
      (error: unknown) => this.#fail('upstream_failed', isInstellixError(error) ? { error } : { reason: 'no token' }),
    );
  }

  #send(token: AccessToken): void {
    if (this.#hasEnded) return;
    const { scope, request, admission } = this.#parts;
    this.#token = token;
    this.#isSentAgain = this.#isReplay;
    this.#attempt = new UpstreamAttempt(scope.upstream, this);
    const { announced } = admission.framing;
    const headers = [...admission.headers, 'authorization', `Bearer ${token.value}`];
    if (announced) headers.push('content-length', String(announced));
    const path = scope.upstreamTarget(admission.target);
    const body = this.#body?.open() ?? null;
    scope.upstream.dispatch({ path, method: request.method ?? '', headers, body }, this.#attempt);
  }

  #bodySent(): void {
    if (this.#attempt && !this.#relay) this.#timer.start(this.#parts.scope.settings.timeouts.headersMs);
  }

  /** The API does not take the token: another one, once. */
  #renewToken(attempt: UpstreamAttempt): AnswerSink {
    const isRepeatable = !this.#body || this.#body.canBeSentAgain;
    if (this.#isReplay || !isRepeatable) {
      if (this.#token && !this.#isReplay) refreshInBackground(this.#parts.scope.client, this.#token);
      return this.#refused(attempt, 401, '');
    }
    this.#isReplay = true;
    this.#attempt = undefined;
    this.#body?.hold();
    this.#timer.stop();
    this.#getToken(this.#token);
    return new DiscardedAnswer(attempt);
  }

  #refused(attempt: UpstreamAttempt, status: number, challenge: string): AnswerSink {
    const { name } = this.#parts.scope.client.environment;
    const answer = { status, headers: { get: () => challenge } };
    this.#attempt = undefined;
    this.#fail('upstream_failed', { error: describeRefusal(answer, { subject: `environment ${name}` }) });
    return new DiscardedAnswer(attempt);
  }

  #relayed(): void {
    this.#isRelayed = true;
    this.#attempt = undefined;
    if (!this.#body || this.#body.isComplete) return;
    this.#body.close();
    readUnreadBody(this.#parts.request, this.#parts.response);
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
      this.#relay?.cutOff();
      return;
    }
    this.#body?.close();
    const status = error ? answerError(response, error) : answerProblem(response, code);
    this.#end({ outcome, status, code: error?.code ?? code, error, reason });
    readUnreadBody(request, response);
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

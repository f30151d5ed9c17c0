import type { NextFunction, Request, Response } from 'express';
import { AllowList } from './allow-list.ts';
import { drainRequest } from './drain-request.ts';
import { ProxyContext } from './proxy-context.ts';
import type { ExchangeOutcome, ProxyEvent } from './proxy-event.ts';
import { ProxyExchange } from './proxy-exchange.ts';
import { answerProblem } from './proxy-problem.ts';
import { ProxyRejection } from './proxy-rejection.ts';
import type { ProxySettings } from './proxy-settings.ts';
import { isConsumed } from './request-framing.ts';
import { RequestHeaders } from './request-headers.ts';
import { type ValidatedRequest, type ValidationRules, validateRequest } from './validated-request.ts';

/** How long requests under way may go on once the proxy is closed. */
const graceMs = 10_000;

/** A request that has come in. */
interface Visit {
  readonly request: Request;
  readonly response: Response;
  readonly next: NextFunction;
  readonly startedAt: number;
}

/** Where each request passes the checks, one after the other, before it may go on to the API. */
export class ProxyHandler {
  readonly #settings: ProxySettings;
  readonly #rules: ValidationRules;
  readonly #context: ProxyContext;
  #underWay = 0;
  #lastOut: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(settings: ProxySettings) {
    const { allow, requestHeaders, mountPath, maxBodyBytes } = settings;
    this.#settings = settings;
    this.#rules = {
      allowList: new AllowList(allow),
      requestHeaders: new RequestHeaders(requestHeaders),
      mountPath,
      maxBodyBytes,
    };
    this.#context = new ProxyContext(settings);
  }

  handle(request: Request, response: Response, next: NextFunction): void {
    const visit = { request, response, next, startedAt: performance.now() };
    const { authorize } = this.#settings;
    const validated = this.#closed ? new ProxyRejection('client_closed') : validateRequest(request, this.#rules);
    if (validated instanceof ProxyRejection) this.#refuse(visit, validated);
    else if (authorize) this.#authorize(authorize, visit, validated);
    else this.#forward(visit, validated);
  }

  /** Lets requests under way come to their end, for a while, and ends all connections to the API. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  #authorize(authorize: NonNullable<ProxySettings['authorize']>, visit: Visit, validated: ValidatedRequest): void {
    const { request, response, next } = visit;
    const decide = (isAllowed: boolean) => {
      if (response.destroyed || response.writableEnded) this.#report(visit, validated.rule, { outcome: 'abandoned' });
      else if (isAllowed === true) this.#forward(visit, validated);
      else this.#refuse(visit, new ProxyRejection('forbidden'), validated.rule);
    };
    const fail = (error: unknown) => {
      this.#report(visit, validated.rule, { outcome: 'failed', reason: 'authorize' });
      next(error);
    };
    let answer: boolean | Promise<boolean>;
    try {
      answer = authorize(request);
    } catch (error) {
      fail(error);
      return;
    }
    // A promise that need not be waited for would cost each request a turn.
    if (typeof answer === 'boolean') decide(answer);
    else Promise.resolve(answer).then(decide, fail);
  }

  #forward(visit: Visit, validated: ValidatedRequest): void {
    const { request, response } = visit;
    if (validated.framing.announced !== 0 && isConsumed(request)) {
      const reason = 'Mount the proxy before express.json() and other parsers, or keep them off its route.';
      this.#refuse(visit, new ProxyRejection('body_consumed'), validated.rule, reason);
      return;
    }
    this.#underWay++;
    const ended = (outcome: ExchangeOutcome) => {
      if (--this.#underWay === 0) this.#lastOut?.();
      this.#report(visit, validated.rule, outcome);
    };
    new ProxyExchange({ context: this.#context, request, response, validated, ended }).run();
  }

  #refuse(
    { request, response, ...visit }: Visit,
    { code, headers }: ProxyRejection,
    rule?: string,
    reason?: string,
  ): void {
    const status = answerProblem(response, code, headers);
    drainRequest(request, response);
    this.#report({ request, response, ...visit }, rule, { outcome: 'refused', status, code, reason });
  }

  #report({ request, startedAt }: Visit, rule: string | undefined, outcome: Partial<ExchangeOutcome>): void {
    const { onEvent } = this.#settings;
    if (!onEvent) return;
    const durationMs = performance.now() - startedAt;
    const event = { method: request.method, rule, durationMs, replayed: false, ...outcome };
    try {
      onEvent(event as ProxyEvent);
    } catch {
      // Whoever listens must not decide what callers get.
    }
  }

  async #close(): Promise<void> {
    if (this.#underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#lastOut = resolve;
        setTimeout(resolve, graceMs).unref();
      });
    }
    await this.#context.upstream.destroy();
  }
}

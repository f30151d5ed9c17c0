import type { NextFunction, Request, Response } from 'express';
import { type Admission, type AdmissionRules, admit } from './admission.ts';
import { AllowList } from './allow-list.ts';
import type { ExchangeOutcome, ProxyEvent } from './proxy-event.ts';
import { ProxyExchange } from './proxy-exchange.ts';
import { answerProblem } from './proxy-problem.ts';
import { ProxyScope } from './proxy-scope.ts';
import type { ProxySettings } from './proxy-settings.ts';
import { Refusal } from './refusal.ts';
import { isConsumed } from './request-framing.ts';
import { RequestHeaders } from './request-headers.ts';
import { readUnreadBody } from './unread-body.ts';

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
export class ProxyDoor {
  readonly #settings: ProxySettings;
  readonly #rules: AdmissionRules;
  readonly #scope: ProxyScope;
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
    this.#scope = new ProxyScope(settings);
  }

  enter(request: Request, response: Response, next: NextFunction): void {
    const visit = { request, response, next, startedAt: performance.now() };
    const { authorize } = this.#settings;
    const admission = this.#closed ? new Refusal('client_closed') : admit(request, this.#rules);
    if (admission instanceof Refusal) this.#refuse(visit, admission);
    else if (authorize) this.#authorize(authorize, visit, admission);
    else this.#forward(visit, admission);
  }

  /** Lets requests under way come to their end, for a while, and ends all connections to the API. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  #authorize(authorize: NonNullable<ProxySettings['authorize']>, visit: Visit, admission: Admission): void {
    const { request, response, next } = visit;
    const decide = (isAllowed: boolean) => {
      if (response.destroyed || response.writableEnded) this.#report(visit, admission.rule, { outcome: 'abandoned' });
      else if (isAllowed === true) this.#forward(visit, admission);
      else this.#refuse(visit, new Refusal('forbidden'), admission.rule);
    };
    const fail = (error: unknown) => {
      this.#report(visit, admission.rule, { outcome: 'failed', reason: 'authorize' });
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

  #forward(visit: Visit, admission: Admission): void {
    const { request, response } = visit;
    if (admission.framing.announced !== 0 && isConsumed(request)) {
      const reason = 'Mount the proxy before express.json() and other parsers, or keep them off its route.';
      this.#refuse(visit, new Refusal('body_consumed'), admission.rule, reason);
      return;
    }
    this.#underWay++;
    const ended = (outcome: ExchangeOutcome) => {
      if (--this.#underWay === 0) this.#lastOut?.();
      this.#report(visit, admission.rule, outcome);
    };
    new ProxyExchange({ scope: this.#scope, request, response, admission, ended }).run();
  }

  #refuse({ request, response, ...visit }: Visit, { code, headers }: Refusal, rule?: string, reason?: string): void {
    const status = answerProblem(response, code, headers);
    readUnreadBody(request, response);
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
    await this.#scope.upstream.destroy();
  }
}

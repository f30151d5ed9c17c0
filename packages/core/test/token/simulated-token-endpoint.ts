import type { VirtualClock } from '@instellix/testing';
import type { TokenRequestResult } from '../../src/endpoint/token-request-result.ts';
import { TokenRequestError } from '../../src/error/token-request-error.ts';
import { type Instant, instantOf } from './instant.ts';

/** How the endpoint treats a request. */
export type Treatment =
  /** Checks secret and throttle. `again`: issues the credential's last token again until it expires, as F5 suggests. */
  | {
      readonly kind: 'judge';
      readonly lifetimeMs: number;
      readonly again?: boolean;
      readonly lifetimeAssumed?: boolean;
    }
  | { readonly kind: 'unreachable' }
  /** The certificate is not trusted: waiting does not help, and no request is sent. */
  | { readonly kind: 'untrusted' }
  /** Checks the request, and loses the response. */
  | { readonly kind: 'lost'; readonly lifetimeMs: number }
  | { readonly kind: 'busy'; readonly status: 429 | 503; readonly retryAfterMs?: number }
  | { readonly kind: 'deny' }
  | { readonly kind: 'refuse' }
  | { readonly kind: 'hang' };

/** How one token request ended, as its sender saw it. */
export type Ending =
  | 'issued'
  | 'unreachable'
  | 'untrusted'
  | 'lost'
  | 'busy'
  | 'throttled'
  | 'denied'
  | 'refused'
  | 'timeout'
  | 'aborted';

/** A request in the endpoint's log; monotonic milliseconds. */
export interface LoggedRequest {
  readonly client: string;
  readonly clientId: string;
  readonly secret: string;
  readonly sentAt: number;
  readonly sent: Instant;
  /** On the server's clock, which neither stands still nor is set. */
  readonly arrivedAt: number;
  respondedAt?: number;
  /** The timeout of the request. */
  readonly limitMs: number;
  settledAt?: number;
  settled?: Instant;
  ending?: Ending;
  retryAfterMs?: number;
}

/** A token in the records of the endpoint. */
export interface IssuedToken {
  readonly value: string;
  readonly clientId: string;
  readonly lifetimeMs: number;
  /** When the latest request was sent to which it was issued: the earliest moment from which its lifetime can count. */
  sentAt: number;
  /** The lifetime in the latest response, milliseconds. */
  reportedLifetimeMs: number;
  /** When it expires on the server's clock. */
  readonly endsAt: number;
}

/** A token endpoint on a virtual clock, with the vendor's throttle (F8) and every kind of failure of a request. */
export class SimulatedTokenEndpoint {
  readonly log: LoggedRequest[] = [];
  readonly issued = new Map<string, IssuedToken>();
  /** By client id. */
  readonly secrets = new Map<string, Set<string>>();
  treatment: Treatment = { kind: 'judge', lifetimeMs: 300_000 };
  latencyMs = 0;
  throttleWindowMs = 5_000;
  readonly #clock: VirtualClock;
  readonly #lastIssuedAt = new Map<string, number>();
  readonly #lastToken = new Map<string, IssuedToken>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Keeps the contract of `requestToken`: rejects only with the reason of an abort. */
  async request(
    client: string,
    clientId: string,
    secret: string,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<TokenRequestResult> {
    const entry: LoggedRequest = {
      client,
      clientId,
      secret,
      sentAt: this.#clock.monotonic(),
      sent: instantOf(this.#clock),
      arrivedAt: this.#clock.elapsed(),
      limitMs: timeoutMs,
    };
    try {
      signal.throwIfAborted();
      this.log.push(entry);
      return await this.#treat(entry, timeoutMs, signal);
    } catch (reason) {
      entry.ending = 'aborted';
      throw reason;
    } finally {
      entry.settledAt = this.#clock.monotonic();
      entry.settled = instantOf(this.#clock);
      entry.respondedAt = this.#clock.elapsed();
    }
  }

  /** Issues only new tokens from now on, even when the treatment is `again`. */
  forgetTokens(): void {
    this.#lastToken.clear();
  }

  async #treat(entry: LoggedRequest, timeoutMs: number, signal: AbortSignal): Promise<TokenRequestResult> {
    const { treatment, latencyMs } = this;
    const oneWayMs = treatment.kind === 'hang' ? timeoutMs : latencyMs / 2;
    await this.#sleep(Math.min(oneWayMs, timeoutMs), signal);
    if (oneWayMs >= timeoutMs) return this.#end(entry, 'timeout');
    if (treatment.kind === 'unreachable' || treatment.kind === 'untrusted') return this.#end(entry, treatment.kind);
    const outcome = this.#judge(entry, treatment);
    await this.#sleep(Math.min(oneWayMs, timeoutMs - oneWayMs), signal);
    if (oneWayMs * 2 >= timeoutMs) return this.#end(entry, 'timeout');
    if (typeof outcome === 'string') return this.#end(entry, outcome, treatment);
    entry.ending = 'issued';
    return outcome;
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (ms > 0) await this.#clock.sleep(ms, signal);
  }

  #judge(entry: LoggedRequest, treatment: Treatment): Ending | (TokenRequestResult & { kind: 'issued' }) {
    if (treatment.kind === 'busy') return 'busy';
    if (treatment.kind === 'deny') return 'denied';
    if (treatment.kind === 'refuse') return 'refused';
    if (!this.secrets.get(entry.clientId)?.has(entry.secret)) return 'denied';
    const now = this.#clock.elapsed();
    const lastIssuedAt = this.#lastIssuedAt.get(entry.clientId) ?? Number.NEGATIVE_INFINITY;
    if (now - lastIssuedAt < this.throttleWindowMs) return 'throttled';
    this.#lastIssuedAt.set(entry.clientId, now);
    if (treatment.kind !== 'judge') return 'lost';
    const response = this.#issue(entry, treatment.lifetimeMs, treatment.again === true, now);
    return { ...response, lifetimeAssumed: treatment.lifetimeAssumed === true };
  }

  #issue(
    entry: LoggedRequest,
    lifetimeMs: number,
    again: boolean,
    now: number,
  ): TokenRequestResult & { kind: 'issued' } {
    const { clientId, sentAt } = entry;
    const last = this.#lastToken.get(clientId);
    if (again && last && last.endsAt - now >= 1) {
      last.sentAt = sentAt;
      last.reportedLifetimeMs = Math.floor(last.endsAt - now);
      return { kind: 'issued', value: last.value, lifetimeMs: last.reportedLifetimeMs, lifetimeAssumed: false };
    }
    const value = `token-${this.issued.size + 1}-of-${clientId}`;
    const token = { value, clientId, lifetimeMs, sentAt, reportedLifetimeMs: lifetimeMs, endsAt: now + lifetimeMs };
    this.issued.set(value, token);
    this.#lastToken.set(clientId, token);
    return { kind: 'issued', value, lifetimeMs, lifetimeAssumed: false };
  }

  #end(entry: LoggedRequest, ending: Ending, treatment?: Treatment): TokenRequestResult {
    entry.ending = ending;
    if (ending === 'denied' || ending === 'throttled') {
      return { kind: 'unauthorized', error: failure('credentials_rejected', 401) };
    }
    if (ending === 'refused')
      return { kind: 'failed', error: failure('token_request_refused', 400), requestSent: true };
    if (ending === 'untrusted') {
      const details = { reason: 'SELF_SIGNED_CERT_IN_CHAIN', retryable: false };
      const error = new TokenRequestError('token_endpoint_unavailable', 'simulated untrusted certificate', details);
      return { kind: 'failed', error, requestSent: false };
    }
    const requestSent = ending !== 'unreachable';
    if (ending === 'timeout') return { kind: 'failed', error: failure('token_request_timeout'), requestSent };
    if (treatment?.kind !== 'busy') {
      return { kind: 'failed', error: failure('token_endpoint_unavailable'), requestSent };
    }
    const { status, retryAfterMs } = treatment;
    if (retryAfterMs !== undefined) entry.retryAfterMs = retryAfterMs;
    const code = status === 429 ? 'token_request_throttled' : 'token_endpoint_unavailable';
    return { kind: 'failed', error: failure(code, status, retryAfterMs), requestSent };
  }
}

function failure(code: TokenRequestError['code'], status?: number, retryAfterMs?: number): TokenRequestError {
  return new TokenRequestError(code, `simulated ${code}`, { status, retryAfterMs });
}

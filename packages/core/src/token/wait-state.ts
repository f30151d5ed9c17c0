import { msUntil, type Timestamp, wholeMs } from '../clock/timestamp.ts';
import { createTokenRequestError } from '../error/create-token-request-error.ts';
import type { InstellixError } from '../error/instellix-error.ts';
import { TokenRequestError, type TokenRequestErrorCode } from '../error/token-request-error.ts';

/** The kinds of waits of the token fetcher. */
export type WaitingFor = 'throttle' | 'retry' | 'other_process' | 'secret' | 'store' | 'endpoint';

const timeouts: Record<WaitingFor, readonly [code: TokenRequestErrorCode, what: string]> = {
  throttle: [
    'token_request_throttled',
    'the minimum interval since the last token request of this credential has not passed',
  ],
  retry: ['token_endpoint_unavailable', 'the wait after the last failure is longer than maxWaitMs'],
  other_process: ['token_request_throttled', 'another client of the same store is still requesting one'],
  secret: ['token_request_timeout', 'the clientSecret function has not returned'],
  store: ['token_request_timeout', 'the store has not responded'],
  endpoint: ['token_request_timeout', 'the token endpoint has not responded'],
};

/** The current wait and the last failure, from which the error of a caller is created whose `maxWaitMs` elapses. */
export class WaitState {
  readonly #subject: string;
  #waitingFor: WaitingFor = 'throttle';
  #until: Timestamp | undefined;
  #failure: InstellixError | undefined;
  #permanentFailure: InstellixError | undefined;

  /** @param subject realm and environment, for messages */
  constructor(subject: string) {
    this.#subject = subject;
  }

  /** Records the kind of the current wait, and its end if it is known. */
  set(waitingFor: WaitingFor, until?: Timestamp): void {
    this.#waitingFor = waitingFor;
    this.#until = until;
  }

  /** Records the failure of an attempt. Callers whose time elapses get it until {@link forgetFailure}. */
  recordFailure(failure: InstellixError): void {
    this.#failure = failure;
  }

  /** Records a failure that waiting cannot repair. Callers get it at once until {@link forgetFailure}. */
  recordPermanentFailure(failure: InstellixError): void {
    this.#failure = failure;
    this.#permanentFailure = failure;
  }

  get permanentFailure(): InstellixError | undefined {
    return this.#permanentFailure;
  }

  forgetFailure(): void {
    this.#failure = undefined;
    this.#permanentFailure = undefined;
  }

  /** Creates the error for a caller whose `maxWaitMs` has elapsed. */
  createTimeoutError(now: Timestamp): InstellixError {
    const retryAfterMs = this.#until && Math.max(0, wholeMs(msUntil(this.#until, now)));
    const failure = this.#failure;
    if (failure instanceof TokenRequestError && failure.retryAfterMs !== undefined) {
      // Less time is left now than when the attempt failed.
      return new TokenRequestError(failure.code, failure.message, { ...failure, cause: failure.cause, retryAfterMs });
    }
    if (failure) return failure;
    const [code, what] = timeouts[this.#waitingFor];
    return createTokenRequestError(this.#subject, code, what, { retryAfterMs });
  }
}

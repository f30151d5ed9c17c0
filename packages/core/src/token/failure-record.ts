import type { Clock } from '../clock/clock.ts';
import type { InstellixError } from '../error/instellix-error.ts';
import { tokenFailure } from '../error/token-failure.ts';
import { TokenRequestError, type TokenRequestErrorCode } from '../error/token-request-error.ts';
import type { TokenEventDetails } from './token-event.ts';

/** What a caller may wait for: the code of its error when that takes too long, and how to say it. */
type Wait = readonly [code: TokenRequestErrorCode, what: string];

const waits = {
  gate: ['token_request_throttled', 'the vendor allows no token request of the same credential so soon'],
  holder: ['token_request_throttled', 'another client of the same store is still requesting one'],
  secret: ['token_request_timeout', 'the clientSecret function has not answered'],
  endpoint: ['token_request_timeout', 'the token endpoint has not answered'],
} satisfies Record<string, Wait>;

/** What a {@link FailureRecord} works with. */
export interface FailureRecordParts {
  readonly clock: Clock;
  readonly emit: (event: TokenEventDetails) => void;
  /** Realm and environment, for messages. */
  readonly subject: string;
}

/** The last failure as `status()` shows it. */
export interface LastError {
  readonly code: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly retryable: boolean;
}

/** What stands between the callers and their token: what is waited for, and what went wrong before. */
export class FailureRecord {
  readonly #parts: FailureRecordParts;
  #waitsFor: keyof typeof waits = 'gate';
  #opensAt = Number.NEGATIVE_INFINITY;
  #failure: InstellixError | undefined;
  #lastError: LastError | undefined;

  constructor(parts: FailureRecordParts) {
    this.#parts = parts;
  }

  /** The last failure since the last success. */
  get lastError(): LastError | undefined {
    return this.#lastError;
  }

  /** Takes what is waited for from now on; for the gate, until when, monotonic milliseconds. */
  waitFor(what: keyof typeof waits, opensAt = this.#opensAt): void {
    this.#waitsFor = what;
    this.#opensAt = opensAt;
  }

  /** Makes a failure the one that callers hear of whose time is up, until it is forgotten. */
  remember(failure: InstellixError): void {
    this.#failure = failure;
  }

  forget(): void {
    this.#failure = undefined;
  }

  /** After a success, nothing has gone wrong. */
  clear(): void {
    this.#failure = undefined;
    this.#lastError = undefined;
  }

  /** Tells listeners and health checks; `retryInMs` when it is tried again. */
  report(error: InstellixError, stillServing: boolean, retryInMs?: number): void {
    const { clock, emit } = this.#parts;
    const { code, retryable } = error;
    const { status } = error as TokenRequestError;
    this.#lastError = Object.freeze({ code, at: clock.now(), retryable });
    emit({
      type: 'token_request_failed',
      code,
      ...(status !== undefined && { status }),
      ...(retryInMs !== undefined && { retryInMs }),
      stillServing,
    });
  }

  /** What to tell a caller whose time is up. */
  explain(): InstellixError {
    const failure = this.#failure;
    const [code, what] = waits[this.#waitsFor];
    const retryAfterMs = Math.max(0, Math.ceil(this.#opensAt - this.#parts.clock.monotonic()));
    if (failure instanceof TokenRequestError && failure.retryAfterMs !== undefined) {
      // Told again later, it is less long.
      const { message, cause } = failure;
      return new TokenRequestError(failure.code, message, { ...failure, cause, retryAfterMs });
    }
    const details = code === 'token_request_throttled' ? { retryAfterMs } : {};
    return failure ?? tokenFailure(this.#parts.subject, code, what, details);
  }
}

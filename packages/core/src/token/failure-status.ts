import type { Clock } from '../clock/clock.ts';
import { wholeMs } from '../clock/timestamp.ts';
import type { InstellixError } from '../error/instellix-error.ts';
import type { TokenRequestError } from '../error/token-request-error.ts';
import { describeReason, type SanitizedError } from '../secret/sanitize-error.ts';
import type { TokenEventEmitter } from './token-event-emitter.ts';

/** The last failure, as `status()` shows it. */
export interface LastError {
  readonly code: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly retryable: boolean;
}

/** The last failure since the last success, for health checks; reports each failure as an event. */
export class FailureStatus {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #events: TokenEventEmitter;
  #lastError: LastError | undefined;

  constructor(clock: Pick<Clock, 'now'>, events: TokenEventEmitter) {
    this.#clock = clock;
    this.#events = events;
  }

  get lastError(): LastError | undefined {
    return this.#lastError;
  }

  /** @param retryInMs in how many milliseconds the next attempt follows, if one does */
  report(error: InstellixError, stillServing: boolean, retryInMs?: number): void {
    const { code, retryable, cause } = error;
    const { status, oauthError, reason } = error as TokenRequestError;
    this.#lastError = Object.freeze({ code, at: this.#clock.now(), retryable });
    const known = reason ?? oauthError ?? describeCause(error, cause as SanitizedError | undefined);
    this.#events.emit({
      type: 'token_request_failed',
      code,
      ...(known !== undefined && { reason: known }),
      ...(status !== undefined && { status }),
      ...(retryInMs !== undefined && { retryInMs: wholeMs(retryInMs) }),
      stillServing,
    });
  }

  clear(): void {
    this.#lastError = undefined;
  }
}

/** The message of a secret function may quote the secret, which nothing here knows. */
function describeCause({ code }: InstellixError, cause: SanitizedError | undefined): string | undefined {
  if (!cause) return undefined;
  return code === 'configuration_invalid' ? (cause.code ?? cause.name) : describeReason(cause);
}

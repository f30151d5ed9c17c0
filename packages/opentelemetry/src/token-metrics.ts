import type { InstellixClient, TokenEvent } from '@instellix/core';
import type { Attributes, Counter, Histogram, Meter, ObservableGauge, ObservableResult } from '@opentelemetry/api';
import { requestSeconds, waitSeconds } from './bucket-boundaries.ts';
import { isEndOfRequest, readOutcome } from './outcome.ts';

type EventOf<Type extends TokenEvent['type']> = Extract<TokenEvent, { type: Type }>;

/** The metrics of one client's token. */
export class TokenMetrics {
  readonly #client: Pick<InstellixClient, 'status'>;
  readonly #onClosed: () => void;
  readonly #requestDuration: Histogram;
  readonly #waitDuration: Histogram;
  readonly #remaining: ObservableGauge;
  readonly #rejections: Counter;
  readonly #storeFailures: Counter;
  readonly #observe = (result: ObservableResult): void => this.#observeRemaining(result);
  /** Environment and realm. Only events name the realm. */
  #labels: Attributes | undefined;
  #request: EventOf<'token_requested'> | undefined;
  #wait: EventOf<'waiting'> | undefined;

  /** @param onClosed called at a collection of the metrics after the client was closed */
  constructor(meter: Meter, client: Pick<InstellixClient, 'status'>, onClosed: () => void) {
    this.#client = client;
    this.#onClosed = onClosed;
    this.#requestDuration = meter.createHistogram('instellix.token.request.duration', {
      description: 'Duration of token requests.',
      unit: 's',
      advice: { explicitBucketBoundaries: requestSeconds },
    });
    this.#waitDuration = meter.createHistogram('instellix.token.wait.duration', {
      description: 'Duration of the waits before token requests, of 50 ms and more.',
      unit: 's',
      advice: { explicitBucketBoundaries: waitSeconds },
    });
    this.#remaining = meter.createObservableGauge('instellix.token.remaining', {
      description: 'Time until the held token expires; 0 without a token.',
      unit: 's',
    });
    this.#rejections = meter.createCounter('instellix.token.rejections', {
      description: 'Tokens that the API has rejected before they expired.',
      unit: '{rejection}',
    });
    this.#storeFailures = meter.createCounter('instellix.store.failures', {
      description: 'Operations of the token store that failed or timed out.',
      unit: '{failure}',
    });
    this.#remaining.addCallback(this.#observe);
  }

  record(event: TokenEvent): void {
    const { environment, realm } = event;
    const labels = { environment, realm };
    this.#labels = labels;
    // A client does one thing at a time to obtain a token.
    if (event.type === 'waiting' || event.type === 'token_requested' || isEndOfRequest(event))
      this.#endWait(event.at, labels);
    switch (event.type) {
      case 'waiting':
        this.#wait = event;
        break;
      case 'token_requested':
        this.#request = event;
        break;
      case 'token_obtained':
        if (event.from === 'endpoint') this.#endRequest(event.tookMs, { ...labels, ...readOutcome(event) });
        break;
      case 'token_request_failed': {
        // Without a request, the secret could not be read. That attempt has taken no time of the token endpoint.
        const durationMs = event.at - (this.#request?.at ?? event.at);
        const refresh = event.stillServing && { why: 'stale' };
        this.#endRequest(durationMs, { ...labels, ...readOutcome(event), ...refresh });
        break;
      }
      case 'token_request_aborted':
        if (this.#request) this.#endRequest(event.at - this.#request.at, { ...labels, ...readOutcome(event) });
        break;
      case 'token_rejected':
        this.#rejections.add(1, { ...labels, refresh_suspended: event.refreshSuspended });
        break;
      case 'store_failed':
        this.#storeFailures.add(1, {
          ...labels,
          operation: event.operation,
          'error.type': classifyStoreFailure(event),
        });
        break;
    }
  }

  stop(): void {
    this.#remaining.removeCallback(this.#observe);
  }

  #endRequest(durationMs: number, attributes: Attributes): void {
    const { why } = this.#request ?? {};
    this.#request = undefined;
    this.#requestDuration.record(toSeconds(durationMs), { ...attributes, ...(why && { why }) });
  }

  #endWait(at: number, labels: Attributes): void {
    if (!this.#wait) return;
    const { at: startedAt, for: waitedFor, waitMs = Number.POSITIVE_INFINITY } = this.#wait;
    this.#wait = undefined;
    this.#waitDuration.record(toSeconds(Math.min(at - startedAt, waitMs)), { ...labels, for: waitedFor });
  }

  #observeRemaining(result: ObservableResult): void {
    const { state, expiresAt = 0 } = this.#client.status();
    const isClosed = state === 'closed';
    // The SDK repeats the last value of a gauge that is no longer observed, so a client without a token must observe 0.
    if (this.#labels) result.observe(isClosed ? 0 : toSeconds(expiresAt - Date.now()), this.#labels);
    if (isClosed) this.#onClosed();
  }
}

/** A wall clock that is set back must not make a negative duration. */
function toSeconds(ms: number): number {
  return Math.max(0, ms) / 1_000;
}

/** A reason that is no code may be any message, so it must not become an attribute. */
function classifyStoreFailure({ timedOut, reason }: EventOf<'store_failed'>): string {
  if (timedOut) return 'timeout';
  return /^[A-Z][A-Z\d_]{1,40}$/.test(reason) ? reason : '_OTHER';
}

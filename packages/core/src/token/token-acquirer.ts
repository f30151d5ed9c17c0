import type { Clock } from '../clock/clock.ts';
import { within } from '../clock/with-timeout.ts';
import type { TokenAnswer } from '../endpoint/token-answer.ts';
import type { InstellixError } from '../error/instellix-error.ts';
import { tokenFailure } from '../error/token-failure.ts';
import type { TokenRequestError } from '../error/token-request-error.ts';
import type { TokenVault, VaultToken } from '../store/encrypted-token-store.ts';
import { claimTurn, shortestSleepMs, type Turn } from './claim-turn.ts';
import { CredentialTrial } from './credential-trial.ts';
import { FailureRecord, type LastError } from './failure-record.ts';
import type { ObtainedToken } from './held-token.ts';
import { RequestPace } from './request-pace.ts';
import type { TokenEventDetails } from './token-event.ts';
import type { TokenOrder } from './token-order.ts';

/** What a {@link TokenAcquirer} works with. */
export interface TokenAcquirerParts {
  readonly clock: Clock;
  readonly vault: TokenVault;
  readonly readSecret: () => Promise<string>;
  readonly requestToken: (secret: string, timeoutMs: number, signal: AbortSignal) => Promise<TokenAnswer>;
  readonly emit: (event: TokenEventDetails) => void;
  readonly random: () => number;
  readonly timeoutMs: number;
  readonly minIntervalMs: number;
  /** Realm and environment, for messages. */
  readonly subject: string;
}

/**
 * Obtains one token at a time: from the store when somebody else has one, else from the token endpoint, at the pace that
 * the vendor's throttle allows, again after what may pass, and with an error after what will not.
 */
export class TokenAcquirer {
  readonly #parts: TokenAcquirerParts;
  readonly #pace: RequestPace;
  readonly #trial: CredentialTrial;
  readonly #record: FailureRecord;
  #storeWrite: Promise<void> | undefined;

  constructor(parts: TokenAcquirerParts) {
    this.#parts = parts;
    this.#pace = new RequestPace(parts.minIntervalMs, parts.random);
    this.#trial = new CredentialTrial(parts.minIntervalMs);
    this.#record = new FailureRecord(parts);
  }

  /** The earliest moment at which this client sends another request, monotonic milliseconds. */
  get nextRequestAt(): number {
    return Math.max(this.#pace.opensAt, this.#trial.coolDownUntil);
  }

  /** The last failure since the last success. */
  get lastError(): LastError | undefined {
    return this.#record.lastError;
  }

  /** Ends when the store knows of everything that has been done. */
  async flush(): Promise<void> {
    await this.#storeWrite;
  }

  /** Takes a rejected token out of the store, so that nobody else begins with it. */
  forget(fence: number | undefined): void {
    this.#write(() => this.#parts.vault.remove(fence));
  }

  /** One write after the other: a token must not be removed before it is there. */
  #write(write: () => Promise<void>): void {
    this.#storeWrite = this.flush().then(write);
  }

  /** Fetches a token; must not be called again before it has settled. Rejects with the error that callers get. */
  async acquire(order: TokenOrder): Promise<ObtainedToken> {
    const { clock } = this.#parts;
    // While a failure is waited out, it is also what whoever comes later has to hear.
    if (this.nextRequestAt <= clock.monotonic()) this.#record.forget();
    const elsewhere = await this.#findWithoutAsking(order);
    if (elsewhere) return elsewhere;
    for (let attempt = 1; ; ) {
      await this.#waitUntil(this.#pace.opensAt, order);
      const secret = await this.#askSecret(order);
      // It may have gone back to one that was rejected a moment ago.
      const verdict = this.#trial.verdictOn(secret, clock.monotonic());
      if (verdict) throw verdict;
      await this.flush();
      await this.#parts.vault.useSecret(secret);
      const claim = await claimTurn(this.#parts, order, this.#record);
      if (claim.outcome === 'found') return this.#take(claim.token, claim.askedAt);
      if (claim.outcome === 'wait') {
        // At least a little, so that a store whose gate opens "in 0 ms" for ever is not asked without a pause.
        await this.#waitUntil(Math.max(claim.askedAt + claim.waitMs, clock.monotonic() + shortestSleepMs), order);
        continue;
      }
      const obtained = await this.#request(order, secret, claim, attempt++);
      if (obtained) return obtained;
    }
  }

  /** What to tell a caller whose time is up. */
  explainWait(): InstellixError {
    return this.#record.explain();
  }

  /** While this client must not ask, somebody else's token may still be in the store. */
  async #findWithoutAsking(order: TokenOrder): Promise<ObtainedToken | undefined> {
    const { clock, vault } = this.#parts;
    if (this.nextRequestAt <= clock.monotonic()) return undefined;
    const coolingDown = this.#trial.coolDownUntil > clock.monotonic();
    const secret = coolingDown ? await this.#askSecret(order) : undefined;
    if (secret !== undefined) await vault.useSecret(secret);
    const verdict = secret === undefined ? undefined : this.#trial.verdictOn(secret, clock.monotonic());
    const askedAt = clock.monotonic();
    const token = await vault.read(order.need());
    order.signal.throwIfAborted();
    if (token) return this.#take(token, askedAt);
    if (verdict) throw verdict;
    return undefined;
  }

  #take({ value, lifetimeMs, endsAt, fence }: VaultToken, askedAt: number): ObtainedToken {
    const { clock, emit } = this.#parts;
    this.#succeed();
    emit({ type: 'token_obtained', from: 'store', lifetimeMs, tookMs: clock.monotonic() - askedAt });
    return { value, from: 'store', lifetimeMs, endsAt, fence };
  }

  /** Waits for the gate, unless it opens too late for everyone. */
  async #waitUntil(opensAt: number, order: TokenOrder): Promise<void> {
    const { clock, emit } = this.#parts;
    this.#record.waitFor('gate', opensAt);
    const startedAt = clock.monotonic();
    if (Math.max(opensAt, startedAt) > order.deadline()) throw this.explainWait();
    if (opensAt <= startedAt) return;
    // Timers may wake a fraction of a millisecond early.
    for (let now = startedAt; now < opensAt; now = clock.monotonic()) {
      await clock.sleep(Math.max(opensAt - now, shortestSleepMs), order.signal);
    }
    emit({ type: 'gate_waited', waitMs: clock.monotonic() - startedAt });
  }

  async #askSecret(order: TokenOrder): Promise<string> {
    const { clock, readSecret, timeoutMs } = this.#parts;
    this.#record.waitFor('secret');
    const overdue = () => {
      throw this.explainWait();
    };
    try {
      return await within(clock, timeoutMs, readSecret, overdue, [order.signal]);
    } catch (error) {
      order.signal.throwIfAborted();
      this.#pace.backOff(clock.monotonic());
      this.#record.remember(error as InstellixError);
      this.#record.report(error as InstellixError, order.stillServing());
      throw error;
    }
  }

  /** Makes one token request; undefined when it has failed in a way that may pass. */
  async #request(
    order: TokenOrder,
    secret: string,
    grant: Turn & { outcome: 'granted' },
    attempt: number,
  ): Promise<ObtainedToken | undefined> {
    const { clock, vault, emit, requestToken, timeoutMs } = this.#parts;
    const sentAt = clock.monotonic();
    // A process that was stopped meanwhile no longer holds the right; without a fence there is no lease to outlive.
    const leaseLeftMs = grant.fence === undefined ? timeoutMs : grant.leaseEndsAt - sentAt;
    if (leaseLeftMs <= 0 || order.signal.aborted) {
      this.#write(() => vault.release(grant.fence, false));
      order.signal.throwIfAborted();
      return undefined;
    }
    this.#record.waitFor('endpoint');
    emit({ type: 'token_requested', why: order.why, attempt });
    let answer = await requestToken(secret, Math.min(timeoutMs, leaseLeftMs), order.signal).catch((reason) => {
      this.#pace.settle(clock.monotonic());
      this.#write(() => vault.release(grant.fence, true));
      throw reason;
    });
    const now = clock.monotonic();
    if (answer.kind === 'granted') {
      this.#trial.accept();
      if (sentAt + answer.lifetimeMs > now) return this.#receive(answer, sentAt, grant.fence);
      answer = { kind: 'transient', error: this.#tooLate(), requestSent: true };
    }
    const requestSent = answer.kind !== 'transient' || answer.requestSent;
    this.#write(() => vault.release(grant.fence, requestSent));
    if (requestSent) this.#pace.settle(now);
    // Also after a request that was sent: without a gate, it alone protects the server.
    if (answer.kind !== 'unauthorized') this.#pace.backOff(now);
    const { error } = answer;
    if (error.retryAfterMs !== undefined && answer.kind === 'transient') this.#pace.postpone(now, error.retryAfterMs);
    const final = answer.kind === 'unauthorized' ? this.#trial.refuse(secret, error, now) : answer.kind === 'final';
    if (final) {
      this.#record.report(error, order.stillServing());
      throw error;
    }
    const failure = answer.kind === 'unauthorized' ? this.#maybeThrottled(error) : error;
    const isTriedAgain = this.#pace.opensAt <= order.deadline();
    this.#record.remember(failure);
    this.#record.report(failure, order.stillServing(), isTriedAgain ? this.#pace.opensAt - now : undefined);
    return undefined;
  }

  #receive(answer: TokenAnswer & { kind: 'granted' }, sentAt: number, fence: number | undefined): ObtainedToken {
    const { clock, vault, emit } = this.#parts;
    const { value, lifetimeMs } = answer;
    const now = clock.monotonic();
    this.#pace.settle(now);
    this.#pace.succeed();
    this.#succeed();
    const endsAt = sentAt + lifetimeMs;
    this.#write(() => vault.commit(fence, { value, lifetimeMs }, Math.max(0, endsAt - clock.monotonic())));
    if (answer.lifetimeAssumed) emit({ type: 'lifetime_assumed', lifetimeMs });
    emit({ type: 'token_obtained', from: 'endpoint', lifetimeMs, tookMs: now - sentAt });
    return { value, from: 'endpoint', lifetimeMs, endsAt, fence };
  }

  /** Somebody else's token leaves our pace alone: it may be older than the server's wish to be left in peace. */
  #succeed(): void {
    this.#trial.accept();
    this.#record.clear();
  }

  #tooLate(): TokenRequestError {
    const what = 'the token endpoint took longer to answer than its token lives';
    return tokenFailure(this.#parts.subject, 'token_request_timeout', what);
  }

  #maybeThrottled({ status, oauthError }: TokenRequestError): TokenRequestError {
    const what = `the token endpoint answered ${status}, as it does to correct credentials, too, when it is asked too often; asking once more will tell`;
    const { subject, minIntervalMs } = this.#parts;
    return tokenFailure(subject, 'token_request_throttled', what, { status, oauthError, retryAfterMs: minIntervalMs });
  }
}

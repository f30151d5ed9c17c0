import assert from 'node:assert/strict';
import { isInstellixError } from '../../src/error/is-instellix-error.ts';
import type { TokenEvent } from '../../src/token/token-event.ts';
import { isLongEnough } from './client-model.ts';
import { elapsedMs, instantOf } from './instant.ts';
import type { ExpectedCall, LifecycleSimulation, Subject } from './lifecycle-simulation.ts';
import type { Call } from './simulated-client.ts';
import type { LoggedRequest } from './simulated-token-endpoint.ts';

/** Floating-point error of sums of fractional milliseconds. */
const roundingMs = 1e-6;
const shortestBackoffMs = 250 * 0.75;
const minReportedWaitMs = 50;
/** The longest sequence of waits that are not reported each: a fetch that was aborted, the store, the secret function. */
const maxSilentMs = 3_000;
const tokenRequestCodes = [
  'credentials_rejected',
  'token_request_throttled',
  'token_request_refused',
  'token_endpoint_unavailable',
  'token_request_timeout',
  'configuration_invalid',
];

/** Checks a simulation against the rules of the design, independently of the implementation. */
export class LifecycleOracle {
  /** How often each kind of event and outcome has occurred, so that a test can require each of them. */
  readonly #seen: Map<string, number>;
  readonly #simulation: LifecycleSimulation;
  readonly #unhandled: readonly unknown[];
  readonly #checkedCalls = new Set<Call>();
  #checkedRequests = 0;

  constructor(simulation: LifecycleSimulation, seen: Map<string, number>, unhandled: readonly unknown[]) {
    this.#simulation = simulation;
    this.#seen = seen;
    this.#unhandled = unhandled;
  }

  /** Throws an AssertionError when a rule is violated. To be called when all microtasks have run. */
  check(): void {
    assert.deepEqual(this.#unhandled, [], 'an unhandled rejection');
    for (const { model } of this.#simulation.subjects) {
      const { violations } = model;
      // Between two microtasks, the model may replace its held token a moment earlier or later than the client.
      assert.deepEqual(
        this.#simulation.hadInterleaving ? violations.filter((what) => what.includes('request')) : violations,
        [],
      );
    }
    for (const expected of this.#simulation.made.splice(0)) this.#checkExpectation(expected);
    this.#checkRequests();
    for (const subject of this.#simulation.subjects) {
      if (!this.#simulation.hadInterleaving) this.#checkState(subject);
      for (const call of subject.client.calls) {
        if (call.outcome && !this.#checkedCalls.has(call)) this.#checkOutcome(call, subject);
        if (!call.outcome) this.#checkWait(call, subject);
      }
    }
  }

  /** Checks that a simulation whose clients are all closed has neither timers nor callers left. */
  checkRest(): void {
    const { clock, store } = this.#simulation;
    assert.equal(clock.sleeping - store.pendingResponses, 0, 'a timer is left after close');
    for (const { client } of this.#simulation.subjects) {
      assert.equal(client.pending.length, 0, 'a caller is left after close');
      assert.notEqual(client.lastFetchEvent.type, 'waiting', 'a wait has ended without an event');
    }
    for (const { ending } of this.#simulation.endpoint.log) this.#count(`request ${ending}`);
    for (const { client } of this.#simulation.subjects)
      for (const event of client.events) {
        this.#count(describeEvent(event));
        checkDurations(event);
      }
  }

  #count(what: string): void {
    this.#seen.set(what, (this.#seen.get(what) ?? 0) + 1);
  }

  #checkExpectation({ call, expectation, model }: ExpectedCall): void {
    const { outcome, startedAt } = call;
    this.#count(`call ${expectation.kind}`);
    if (expectation.kind === 'open') {
      // A rejection drops the held token at once, so that no other caller gets it.
      const rejected = call.options?.rejected?.value;
      const { usable } = model;
      const isDropped = usable?.value !== rejected || (usable && usable.arrived.monotonic >= startedAt);
      assert.ok(
        rejected === undefined || this.#simulation.hadInterleaving || isDropped,
        'a refused token is still held',
      );
      return;
    }
    // After a rejection between the arrival of a token and its use, the model may be wrong about which token replaced a rejected one.
    const isUncertain =
      this.#simulation.hadInterleaving && expectation.kind === 'code' && expectation.code === 'token_rejected';
    if (isUncertain && outcome?.at !== startedAt) return;
    assert.ok(outcome, `is pending although it must settle at once with ${JSON.stringify(expectation)}`);
    assert.equal(outcome.at, startedAt, 'did not settle at once');
    if (expectation.kind === 'token') assert.equal(outcome.token?.value, expectation.value);
    if (expectation.kind === 'reason') assert.equal(outcome.error, call.abort?.signal.reason);
    if (expectation.kind === 'code') assert.equal((outcome.error as { code?: string }).code, expectation.code);
  }

  #checkState({ client, model }: Subject): void {
    const { state, refreshing } = client.manager.status();
    assert.equal(state, model.state, 'the state differs from that of the model');
    this.#count(`state ${state}${refreshing ? ', refreshing' : ''}`);
    if (client.pending.length > 0) assert.ok(refreshing, 'callers wait although no token is being fetched');
  }

  #checkWait(call: Call, { client, model }: Subject): void {
    const now = instantOf(this.#simulation.clock);
    const { options, startedAt } = call;
    assert.ok(!model.closed, 'a caller is still waiting after close');
    assert.ok(!options?.signal?.aborted, 'a caller is still waiting after its abort');
    assert.ok(now.monotonic - startedAt < client.settings.maxWaitMs + roundingMs, 'waits longer than maxWaitMs');
    const { type, at } = client.lastFetchEvent;
    const isReported = type === 'waiting' || type === 'token_requested';
    const silentMs = now.monotonic - Math.max(at, startedAt);
    assert.ok(isReported || silentMs <= maxSilentMs, `waits ${silentMs} ms without an event`);
    if (startedAt <= this.#simulation.lastSetBackAt) return;
    if (this.#simulation.hadInterleaving) {
      const { state } = client.manager.status();
      const isUsable = state === 'fresh' || state === 'stale';
      assert.ok(!isUsable || options?.minValidityMs, 'waits although a usable token is held');
    } else if (model.usable) {
      const isServed = isLongEnough(model.usable, options?.minValidityMs ?? 0, now);
      assert.ok(!isServed, 'waits although a usable token is held');
    }
  }

  #checkOutcome(call: Call, subject: Subject): void {
    this.#checkedCalls.add(call);
    const { outcome, startedAt, options } = call;
    assert.ok(outcome);
    const { token, error, at } = outcome;
    const { model, client } = subject;
    assert.ok(at - startedAt <= client.settings.maxWaitMs + roundingMs, 'settled later than maxWaitMs');
    if (token) this.#checkToken(call, subject);
    else if (options?.signal?.aborted && error === options.signal.reason) this.#count('ended by abort');
    else {
      assert.ok(isInstellixError(error), `rejected with something else: ${String(error)}`);
      this.#count(`ended by ${error.code}`);
      if (error.code === 'client_closed') assert.ok(model.closed, 'client_closed although the client is open');
      else if (error.code === 'token_rejected')
        assert.ok(options?.rejected, 'token_rejected although the caller rejected no token');
      else this.#checkFailure(error.code, subject, at);
    }
  }

  #checkFailure(code: string, subject: Subject, at: number): void {
    assert.ok(tokenRequestCodes.includes(code), `rejected with ${code}`);
    assert.ok(!this.#isCalm, `failed with ${code} without any fault`);
    if (code === 'credentials_rejected') this.#checkCredentialsRejected(subject, at);
  }

  #checkToken({ outcome, startedAt, options }: Call, { client, model }: Subject): void {
    assert.ok(outcome?.token);
    const { token } = outcome;
    const { at, when } = outcome;
    const known = model.known.get(token.value);
    assert.ok(known, 'returned a token that this client never obtained');
    assert.equal(
      this.#simulation.endpoint.issued.get(token.value)?.clientId,
      client.settings.clientId,
      'returned a token of another credential',
    );
    assert.ok(elapsedMs(known.endsAt, when) < 0, 'returned an expired token');
    assert.notEqual(token.value, options?.rejected?.value, 'returned the token that the caller has rejected');
    if (!this.#simulation.hadInterleaving)
      assert.ok(!model.dropped.has(token.value), 'returned a token that the API has refused');
    const minValidityMs = options?.minValidityMs ?? 0;
    const isNewest = known.from === 'endpoint' && known.arrived.monotonic >= startedAt;
    assert.ok(isNewest || isLongEnough(known, minValidityMs, when), 'returned a token shorter than minValidityMs');
    this.#count(at > startedAt ? `waited for a token of the ${known.from}` : 'got a token at once');
    const isStale = elapsedMs(known.refreshAt, when) >= 0 && elapsedMs(known.usableUntil, when) < 0;
    if (isStale) this.#count('served while stale');
  }

  #checkCredentialsRejected({ client }: Subject, at: number): void {
    const own = this.#simulation.endpoint.log.filter(({ client: name, settledAt }) => {
      return name === client.settings.name && settledAt !== undefined && settledAt <= at;
    });
    const since = own.findLastIndex(({ ending }) => ending === 'issued');
    const refusals = own.slice(since + 1).filter(({ ending }) => ending === 'denied' || ending === 'throttled');
    const first = refusals[0];
    const last = refusals.at(-1);
    assert.ok(first && last && first !== last, 'credentials_rejected after less than two 401 responses');
    this.#checkGap(first, last, client.settings.minIntervalMs, 'credentials_rejected within one window');
  }

  #checkRequests(): void {
    const { log } = this.#simulation.endpoint;
    for (; this.#checkedRequests < log.length; this.#checkedRequests++) {
      const request = log[this.#checkedRequests] as LoggedRequest;
      const earlier = log.slice(0, this.#checkedRequests);
      for (const other of earlier) this.#checkPair(other, request);
      this.#checkRetryAfter(request, earlier);
    }
    for (const { ending } of log) {
      const { hadStoreFaults, hadClockFault } = this.#simulation;
      assert.ok(ending !== 'throttled' || hadStoreFaults || hadClockFault, 'a request was throttled');
    }
  }

  #checkPair(earlier: LoggedRequest, later: LoggedRequest): void {
    const isSameClient = earlier.client === later.client;
    const isShared = earlier.clientId === later.clientId && !this.#simulation.hadStoreFaults;
    if (!isSameClient && !isShared) return;
    const { settledAt, ending } = earlier;
    // After a suspend, the lease has ended before its holder could abort the request.
    const leaseMs = this.#simulation.scenario.timeoutMs + 1_000;
    const apartMs = Math.max(elapsedMs(earlier.sent, later.sent), later.arrivedAt - earlier.arrivedAt);
    if (!isSameClient && apartMs >= leaseMs) return;
    assert.ok(settledAt !== undefined && settledAt <= later.sentAt, 'two requests at the same time');
    const isCounted = ending !== 'unreachable' && ending !== 'untrusted';
    if (isCounted)
      this.#checkGap(earlier, later, this.#simulation.scenario.minIntervalMs, 'a request before the gate opened');
    else if (isSameClient) this.#checkGap(earlier, later, shortestBackoffMs, 'no backoff');
  }

  #checkGap(
    { settled, respondedAt }: LoggedRequest,
    { sent, arrivedAt }: LoggedRequest,
    minMs: number,
    what: string,
  ): void {
    assert.ok(settled && respondedAt !== undefined, what);
    // The wall clock may be set back between the decision to send and the request, so the server's clock counts as well.
    const gapMs = Math.max(elapsedMs(settled, sent), arrivedAt - respondedAt);
    assert.ok(gapMs >= minMs - roundingMs, `${what}: ${gapMs} ms`);
  }

  #checkRetryAfter(request: LoggedRequest, earlier: readonly LoggedRequest[]): void {
    const own = earlier.filter(({ client }) => client === request.client);
    const since = own.findLastIndex(({ ending }) => ending === 'issued');
    const last = own.slice(since + 1).findLast(({ retryAfterMs }) => retryAfterMs !== undefined);
    if (last) this.#checkGap(last, request, last.retryAfterMs ?? 0, 'Retry-After was not honoured');
  }

  /** Whether no call may fail: there were no faults, and no other client uses the credential. */
  get #isCalm(): boolean {
    const { hadFaults, hadStoreFaults, hadClockFault, scenario } = this.#simulation;
    const isAlone = new Set(scenario.clientIds).size === scenario.clientIds.length;
    return !hadFaults && !hadStoreFaults && !hadClockFault && isAlone && scenario.maxWaitMs >= 30_000;
  }
}

/** Every duration of an event is in whole milliseconds, and a reported wait is at least 50 ms long. */
function checkDurations(event: TokenEvent): void {
  for (const [name, value] of Object.entries(event)) {
    if (name.endsWith('Ms'))
      assert.ok(Number.isSafeInteger(value) && Number(value) >= 0, `${event.type} with ${name} ${value}`);
  }
  if (event.type === 'waiting' && event.waitMs !== undefined)
    assert.ok(event.waitMs >= minReportedWaitMs, `a wait of only ${event.waitMs} ms is reported`);
}

function describeEvent(event: TokenEvent): string {
  if (event.type === 'token_requested') return `token_requested because ${event.why}`;
  if (event.type === 'token_rejected')
    return event.refreshSuspended ? 'token_rejected, refresh suspended' : 'token_rejected';
  return event.type === 'token_obtained' ? `token_obtained from ${event.from}` : event.type;
}

import assert from 'node:assert/strict';
import { isInstellixError } from '../../src/error/instellix-error.ts';
import type { TokenEvent } from '../../src/token/token-event.ts';
import { isLongEnough } from './client-model.ts';
import { elapsedMs, instantOf } from './instant.ts';
import type { ExpectedCall, LifecycleSimulation, Subject } from './lifecycle-simulation.ts';
import type { Call } from './simulated-client.ts';
import type { LoggedRequest } from './simulated-token-endpoint.ts';

/** Additions of milliseconds that are no whole numbers round. */
const roundingMs = 1e-6;
const shortestBackoffMs = 250 * 0.75;
const tokenRequestCodes = [
  'credentials_rejected',
  'token_request_throttled',
  'token_request_refused',
  'token_endpoint_unavailable',
  'token_request_timeout',
  'configuration_invalid',
];

/** Checks a simulation against the promises of the design, independently of how they are kept. */
export class LifecycleOracle {
  /** How often each kind of thing was seen, so that a run without any of it does not pass for a proof. */
  readonly #seen: Map<string, number>;
  readonly #simulation: LifecycleSimulation;
  readonly #unhandled: readonly unknown[];
  readonly #judged = new Set<Call>();
  #judgedRequests = 0;

  constructor(simulation: LifecycleSimulation, seen: Map<string, number>, unhandled: readonly unknown[]) {
    this.#simulation = simulation;
    this.#seen = seen;
    this.#unhandled = unhandled;
  }

  /** Throws an AssertionError when a promise is broken. To be called when everything that can run has run. */
  check(): void {
    assert.deepEqual(this.#unhandled, [], 'an unhandled rejection');
    for (const { model } of this.#simulation.subjects) {
      const { violations } = model;
      // Between two microtasks, an event can be about a token that the model takes for held a moment early or late.
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
        if (call.outcome && !this.#judged.has(call)) this.#checkOutcome(call, subject);
        if (!call.outcome) this.#checkWait(call, subject);
      }
    }
  }

  /** Checks that nothing is left of a simulation whose clients are all closed. */
  checkRest(): void {
    const { clock, store } = this.#simulation;
    assert.equal(clock.sleeping - store.answering, 0, 'a timer is left after close');
    for (const { client } of this.#simulation.subjects)
      assert.equal(client.pending.length, 0, 'a caller is left after close');
    for (const { ending } of this.#simulation.endpoint.log) this.#count(`request ${ending}`);
    for (const { client } of this.#simulation.subjects)
      for (const event of client.events) this.#count(describeEvent(event));
  }

  #count(what: string): void {
    this.#seen.set(what, (this.#seen.get(what) ?? 0) + 1);
  }

  #checkExpectation({ call, expectation, model }: ExpectedCall): void {
    const { outcome, startedAt } = call;
    this.#count(`call ${expectation.kind}`);
    if (expectation.kind === 'open') {
      // A rejection that is heard drops the held token at once, so that nobody else is given it.
      const rejected = call.options?.rejected?.value;
      const { usable } = model;
      const isDropped = usable?.value !== rejected || (usable && usable.arrived.monotonic >= startedAt);
      assert.ok(rejected === undefined || this.#simulation.hadInterleaving || isDropped, 'a refused token is kept');
      return;
    }
    // A rejection between the arrival of a token and its use leaves the model with a wrong idea of which one is a renewal.
    const isSurmise =
      this.#simulation.hadInterleaving && expectation.kind === 'code' && expectation.code === 'token_rejected';
    if (isSurmise && outcome?.at !== startedAt) return;
    assert.ok(outcome, `waits although it must get ${JSON.stringify(expectation)} at once`);
    assert.equal(outcome.at, startedAt, 'took time');
    if (expectation.kind === 'token') assert.equal(outcome.token?.value, expectation.value);
    if (expectation.kind === 'reason') assert.equal(outcome.error, call.abort?.signal.reason);
    if (expectation.kind === 'code') assert.equal((outcome.error as { code?: string }).code, expectation.code);
  }

  #checkState({ client, model }: Subject): void {
    const { state, refreshing } = client.manager.status();
    assert.equal(state, model.state, 'the state is not the one that the model is in');
    this.#count(`state ${state}${refreshing ? ', refreshing' : ''}`);
    if (client.pending.length > 0) assert.ok(refreshing, 'callers wait for nothing');
  }

  #checkWait(call: Call, { client, model }: Subject): void {
    const now = instantOf(this.#simulation.clock);
    const { options, startedAt } = call;
    assert.ok(!model.closed, 'a caller is left waiting by close');
    assert.ok(!options?.signal?.aborted, 'an abort leaves its caller waiting');
    assert.ok(now.monotonic - startedAt < client.settings.maxWaitMs + roundingMs, 'waits longer than maxWaitMs');
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
    this.#judged.add(call);
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
      if (error.code === 'client_closed') assert.ok(model.closed, 'closed without being closed');
      else if (error.code === 'token_rejected') assert.ok(options?.rejected, 'nothing was rejected');
      else this.#checkFailure(error.code, subject, at);
    }
  }

  #checkFailure(code: string, subject: Subject, at: number): void {
    assert.ok(tokenRequestCodes.includes(code), `rejected with ${code}`);
    assert.ok(!this.#isCalm, `failed with ${code} although nothing was wrong`);
    if (code === 'credentials_rejected') this.#checkVerdict(subject, at);
  }

  #checkToken({ outcome, startedAt, options }: Call, { client, model }: Subject): void {
    assert.ok(outcome?.token);
    const { token } = outcome;
    const { at, when } = outcome;
    const known = model.known.get(token.value);
    assert.ok(known, 'a token that this client never obtained');
    assert.equal(
      this.#simulation.endpoint.issued.get(token.value)?.clientId,
      client.settings.clientId,
      'a foreign token',
    );
    assert.ok(elapsedMs(known.endsAt, when) < 0, 'a token that has expired');
    assert.notEqual(token.value, options?.rejected?.value, 'a token that its caller has just rejected');
    if (!this.#simulation.hadInterleaving)
      assert.ok(!model.dropped.has(token.value), 'a token that the API has refused');
    const minValidityMs = options?.minValidityMs ?? 0;
    const isNewest = known.from === 'endpoint' && known.arrived.monotonic >= startedAt;
    assert.ok(isNewest || isLongEnough(known, minValidityMs, when), 'a token shorter than asked for');
    this.#count(at > startedAt ? `waited for a token of the ${known.from}` : 'got a token at once');
    const isStale = elapsedMs(known.refreshAt, when) >= 0 && elapsedMs(known.usableUntil, when) < 0;
    if (isStale) this.#count('served while stale');
  }

  #checkVerdict({ client }: Subject, at: number): void {
    const own = this.#simulation.endpoint.log.filter(({ client: name, settledAt }) => {
      return name === client.settings.name && settledAt !== undefined && settledAt <= at;
    });
    const since = own.findLastIndex(({ ending }) => ending === 'issued');
    const refusals = own.slice(since + 1).filter(({ ending }) => ending === 'denied' || ending === 'throttled');
    const first = refusals[0];
    const last = refusals.at(-1);
    assert.ok(first && last && first !== last, 'a verdict after less than two refusals');
    this.#checkGap(first, last, client.settings.minIntervalMs, 'a verdict within one window');
  }

  #checkRequests(): void {
    const { log } = this.#simulation.endpoint;
    for (; this.#judgedRequests < log.length; this.#judgedRequests++) {
      const request = log[this.#judgedRequests] as LoggedRequest;
      const earlier = log.slice(0, this.#judgedRequests);
      for (const other of earlier) this.#checkPair(other, request);
      this.#checkRetryAfter(request, earlier);
    }
    for (const { ending } of log) {
      const { hadStoreFaults, hadClockFault } = this.#simulation;
      assert.ok(ending !== 'throttled' || hadStoreFaults || hadClockFault, 'the vendor’s throttle was met');
    }
  }

  #checkPair(earlier: LoggedRequest, later: LoggedRequest): void {
    const isSameClient = earlier.client === later.client;
    const isShared = earlier.clientId === later.clientId && !this.#simulation.hadStoreFaults;
    if (!isSameClient && !isShared) return;
    const { settledAt, ending } = earlier;
    // After a suspend, the lease has ended although its holder has had no chance to abort the request.
    const leaseMs = this.#simulation.scenario.timeoutMs + 1_000;
    const apartMs = Math.max(elapsedMs(earlier.sent, later.sent), later.arrivedAt - earlier.arrivedAt);
    if (!isSameClient && apartMs >= leaseMs) return;
    assert.ok(settledAt !== undefined && settledAt <= later.sentAt, 'two requests in flight');
    const isCounted = ending !== 'unreachable';
    if (isCounted) this.#checkGap(earlier, later, this.#simulation.scenario.minIntervalMs, 'the gate was violated');
    else if (isSameClient) this.#checkGap(earlier, later, shortestBackoffMs, 'no backoff');
  }

  #checkGap({ settled, leftAt }: LoggedRequest, { sent, arrivedAt }: LoggedRequest, minMs: number, what: string): void {
    assert.ok(settled && leftAt !== undefined, what);
    // The wall clock may be set back between the decision to send and the request: the server's clock counts, too.
    const gapMs = Math.max(elapsedMs(settled, sent), arrivedAt - leftAt);
    assert.ok(gapMs >= minMs - roundingMs, `${what}: ${gapMs} ms`);
  }

  #checkRetryAfter(request: LoggedRequest, earlier: readonly LoggedRequest[]): void {
    const own = earlier.filter(({ client }) => client === request.client);
    const since = own.findLastIndex(({ ending }) => ending === 'issued');
    const last = own.slice(since + 1).findLast(({ retryAfterMs }) => retryAfterMs !== undefined);
    if (last) this.#checkGap(last, request, last.retryAfterMs ?? 0, 'Retry-After was not honoured');
  }

  /** Nothing but time and callers: no call may fail, as long as it does not compete with another client. */
  get #isCalm(): boolean {
    const { hadFaults, hadStoreFaults, hadClockFault, scenario } = this.#simulation;
    const isAlone = new Set(scenario.clientIds).size === scenario.clientIds.length;
    return !hadFaults && !hadStoreFaults && !hadClockFault && isAlone && scenario.maxWaitMs >= 30_000;
  }
}

function describeEvent(event: TokenEvent): string {
  if (event.type === 'token_requested') return `token_requested because ${event.why}`;
  if (event.type === 'token_rejected')
    return event.refreshSuspended ? 'token_rejected, refresh suspended' : 'token_rejected';
  return event.type === 'token_obtained' ? `token_obtained from ${event.from}` : event.type;
}

import { settleMicrotasks, VirtualClock } from '@instellix/testing';
import { beforeEach, expect, test } from 'vitest';
import { addMs, readTimestamp } from '../../src/clock/timestamp.ts';
import { AttemptWait } from '../../src/token/attempt-wait.ts';
import { PendingCallers } from '../../src/token/pending-callers.ts';
import { TokenCache } from '../../src/token/token-cache.ts';
import { TokenDemand } from '../../src/token/token-demand.ts';
import type { TokenEvent } from '../../src/token/token-event.ts';
import { TokenEventEmitter } from '../../src/token/token-event-emitter.ts';
import { WaitState } from '../../src/token/wait-state.ts';

let clock: VirtualClock;
let events: TokenEvent[];
let attempt: AttemptWait;
/** What the last wait ended with. */
let outcome: unknown;

beforeEach(() => {
  clock = new VirtualClock();
  events = [];
  const emitter = new TokenEventEmitter(clock, 'test', 'acme');
  emitter.subscribe((event) => void events.push(event));
  attempt = new AttemptWait(clock, emitter, new WaitState('a test'));
  outcome = 'pending';
});

/** Begins to wait, for a caller that waits for at most `maxWaitMs`. */
async function begin(waitMs: number, maxWaitMs: number, signal = new AbortController().signal): Promise<void> {
  const callers = new PendingCallers(clock);
  callers.wait(new Promise(() => {}), { maxWaitMs, minValidityMs: 0 }).catch(() => {});
  const cache = new TokenCache(clock, { refreshAtFraction: 0.8, expiryMarginMs: 10_000 }, 5_500);
  const demand = new TokenDemand('missing', callers, signal, cache);
  attempt.wait('throttle', addMs(readTimestamp(clock), waitMs), demand).then(
    () => {
      outcome = 'over';
    },
    (error: unknown) => {
      outcome = error;
    },
  );
  await settleMicrotasks();
}

test('a wait that is as long as its caller may wait takes place', async () => {
  await begin(5_500, 5_500);
  expect([outcome, attempt.msLeft]).toEqual(['pending', 5_500]);
  expect(events).toMatchObject([{ type: 'waiting', for: 'throttle', waitMs: 5_500 }]);
  await clock.advance(5_500);
  expect([outcome, attempt.msLeft]).toEqual(['over', Number.NEGATIVE_INFINITY]);
});

test('a wait that is too long for its caller rejects at once', async () => {
  await begin(5_501, 5_500);
  expect(outcome).toMatchObject({ code: 'token_request_throttled' });
  expect([attempt.msLeft, events]).toEqual([Number.NEGATIVE_INFINITY, []]);
});

test('nothing is left of a wait that was aborted', async () => {
  const abort = new AbortController();
  await begin(5_500, 30_000, abort.signal);
  abort.abort('on purpose');
  await settleMicrotasks();
  expect([outcome, attempt.msLeft]).toEqual(['on purpose', Number.NEGATIVE_INFINITY]);
});

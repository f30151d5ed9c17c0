import fc from 'fast-check';
import type { StoreFault } from './faulty-token-store.ts';
import type { Treatment } from './simulated-token-endpoint.ts';

/** One step of a schedule. Indices are taken modulo the number of clients or calls. */
export type Command =
  | {
      readonly type: 'get';
      readonly client: number;
      readonly signal: 'none' | 'later' | 'aborted';
      readonly minValidityMs: number;
      readonly rejected: 'none' | 'held' | 'older' | 'foreign';
      readonly times: number;
    }
  | { readonly type: 'abort'; readonly which: number }
  | { readonly type: 'peek'; readonly client: number }
  | { readonly type: 'advance'; readonly ms: number }
  /** Advances the clock until the next timer is due, plus `offsetMs`. */
  | { readonly type: 'wake'; readonly offsetMs: number }
  /** Advances the clock until a client's token becomes stale or expired, plus `offsetMs`. */
  | {
      readonly type: 'reach';
      readonly client: number;
      readonly moment: 'stale' | 'expired';
      readonly offsetMs: number;
    }
  | { readonly type: 'stepWallClock'; readonly ms: number }
  | { readonly type: 'suspend'; readonly ms: number }
  | { readonly type: 'treat'; readonly treatment: Treatment }
  | { readonly type: 'latency'; readonly ms: number }
  | { readonly type: 'rotate'; readonly overlaps: boolean; readonly isKnown: boolean }
  | { readonly type: 'secretFunction'; readonly behaviour: SecretBehaviour }
  | { readonly type: 'store'; readonly fault: StoreFault }
  | { readonly type: 'loseData' }
  | { readonly type: 'revoke' }
  | { readonly type: 'close'; readonly client: number }
  /** Runs `act` so many microtasks after the next event of this type. */
  | { readonly type: 'interleaving'; readonly on: InterleavingEvent; readonly ticks: number; readonly act: Command };

export type InterleavingEvent = 'token_requested' | 'token_obtained' | 'token_request_failed' | 'token_rejected';
export type SecretBehaviour = 'current' | 'stale' | 'slow' | 'failing' | 'hanging';

/** The clients and settings of a schedule. */
export interface Scenario {
  /** One client for each id, all on one store. */
  readonly clientIds: readonly string[];
  readonly minIntervalMs: number;
  readonly maxWaitMs: number;
  readonly timeoutMs: number;
  readonly refreshAtFraction: number;
  readonly expiryMarginMs: number | undefined;
  readonly lifetimeMs: number;
  readonly latencyMs: number;
  readonly randomSeed: number;
}

/** A scenario and its steps. */
export interface Schedule {
  readonly scenario: Scenario;
  readonly commands: readonly Command[];
}

const lifetimeMs = fc.constantFrom(300_000, 300_000, 269_000, 60_000, 20_000, 2_000, 40, 1, 86_400_000);
const latencyMs = fc.constantFrom(0, 0, 30, 400, 3_000, 9_000);

export const scenario: fc.Arbitrary<Scenario> = fc.record({
  clientIds: fc.constantFrom(['one'], ['one'], ['one', 'one'], ['one', 'one'], ['one', 'one', 'two']),
  minIntervalMs: fc.constantFrom(5_500, 5_500, 5_500, 5_500, 8_000),
  maxWaitMs: fc.constantFrom(30_000, 30_000, 12_000, 6_000),
  timeoutMs: fc.constantFrom(10_000, 4_000),
  refreshAtFraction: fc.constantFrom(0.8, 0.76, 0.5, 1),
  expiryMarginMs: fc.constantFrom(undefined, undefined, 0, 5_000, 300_000),
  lifetimeMs,
  latencyMs,
  randomSeed: fc.integer({ min: 1, max: 1_000_000 }),
});

const client = fc.nat({ max: 2 });
const get: fc.Arbitrary<Command> = fc.record({
  type: fc.constant('get' as const),
  client,
  signal: fc.constantFrom('none', 'none', 'none', 'later', 'later', 'aborted'),
  minValidityMs: fc.constantFrom(0, 0, 0, 0, 0, 1_000, 30_000, 290_000, 400_000),
  rejected: fc.constantFrom('none', 'none', 'none', 'held', 'held', 'older', 'foreign'),
  times: fc.constantFrom(1, 1, 1, 5),
});
const abort: fc.Arbitrary<Command> = fc.record({ type: fc.constant('abort' as const), which: fc.nat({ max: 9 }) });
const advance: fc.Arbitrary<Command> = fc.record({
  type: fc.constant('advance' as const),
  ms: fc.constantFrom(
    1,
    20,
    100,
    260,
    1_000,
    3_000,
    5_000,
    5_499,
    5_500,
    8_000,
    12_000,
    30_000,
    61_000,
    200_000,
    250_000,
  ),
});
const wake: fc.Arbitrary<Command> = fc.record({
  type: fc.constant('wake' as const),
  offsetMs: fc.constantFrom(0, 0, 0, -1, 1, -0.25),
});
const reach: fc.Arbitrary<Command> = fc.record({
  type: fc.constant('reach' as const),
  client,
  moment: fc.constantFrom('stale' as const, 'stale' as const, 'expired' as const),
  offsetMs: fc.constantFrom(0, 0, 1, 500, -1, -500),
});
const treatment: fc.Arbitrary<Treatment> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('judge' as const), lifetimeMs, again: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'unreachable' as const }, { kind: 'untrusted' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lost' as const), lifetimeMs }) },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        kind: fc.constant('busy' as const),
        status: fc.constantFrom(429 as const, 503 as const),
        retryAfterMs: fc.constantFrom(0, 1_000, 7_000, 20_000, 120_000),
      },
      { requiredKeys: ['kind', 'status'] },
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'deny' as const }, { kind: 'refuse' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'hang' as const }) },
);
const fault: fc.Arbitrary<StoreFault> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ kind: 'none' as const }) },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'rejecting' as const }, { kind: 'throwing' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'hanging' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('slow' as const),
      delayMs: fc.constantFrom(5, 100, 240, 300, 2_000),
    }),
  },
);

/** An administrator or NTP sets the wall clock. */
const stepWallClock: fc.Arbitrary<Command> = fc.record({
  type: fc.constant('stepWallClock' as const),
  ms: fc.constantFrom(-86_400_000, -3_600_000, -1, 1, 3_600_000, 86_400_000),
});

/** The wall clock is set back, which must change nothing. */
export const setBackWallClock: fc.Arbitrary<Command> = fc.record({
  type: fc.constant('stepWallClock' as const),
  ms: fc.constantFrom(-86_400_000, -3_600_000, -1),
});

/** A laptop is suspended, a serverless function frozen, a virtual machine paused. */
const suspend: fc.Arbitrary<Command> = fc.record({
  type: fc.constant('suspend' as const),
  ms: fc.constantFrom(1, 1_000, 5_000, 61_000, 250_000, 3_600_000),
});

const calm: fc.WeightedArbitrary<Command>[] = [
  { weight: 10, arbitrary: get },
  { weight: 2, arbitrary: abort },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('peek' as const), client }) },
  { weight: 8, arbitrary: advance },
  { weight: 4, arbitrary: wake },
  { weight: 3, arbitrary: reach },
  { weight: 1, arbitrary: stepWallClock },
  { weight: 1, arbitrary: suspend },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('latency' as const), ms: latencyMs }) },
  { weight: 1, arbitrary: fc.constant({ type: 'revoke' as const }) },
];

const faults: fc.WeightedArbitrary<Command>[] = [
  { weight: 4, arbitrary: fc.record({ type: fc.constant('treat' as const), treatment }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('rotate' as const), overlaps: fc.boolean(), isKnown: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('secretFunction' as const),
      behaviour: fc.constantFrom<SecretBehaviour>('current', 'current', 'stale', 'slow', 'failing', 'hanging'),
    }),
  },
];

const storeFaults: fc.WeightedArbitrary<Command>[] = [
  { weight: 2, arbitrary: fc.record({ type: fc.constant('store' as const), fault }) },
  { weight: 1, arbitrary: fc.constant({ type: 'loseData' as const }) },
];

const close: fc.WeightedArbitrary<Command> = {
  weight: 0.25,
  arbitrary: fc.record({ type: fc.constant('close' as const), client }),
};

const interleaving: fc.WeightedArbitrary<Command> = {
  weight: 4,
  arbitrary: fc.record({
    type: fc.constant('interleaving' as const),
    on: fc.constantFrom<InterleavingEvent>(
      'token_requested',
      'token_obtained',
      'token_obtained',
      'token_request_failed',
      'token_rejected',
    ),
    ticks: fc.nat({ max: 12 }),
    act: fc.oneof(
      { weight: 8, arbitrary: get },
      { weight: 4, arbitrary: abort },
      { weight: 2, arbitrary: fc.record({ type: fc.constant('peek' as const), client }) },
      { weight: 1, arbitrary: close.arbitrary },
    ),
  }),
};

const shortTime: fc.Arbitrary<Command> = fc.record({
  type: fc.constant('advance' as const),
  ms: fc.constantFrom(0, 1, 50, 100, 200),
});
const rejecting: fc.Arbitrary<Command> = fc.record({
  type: fc.constant('get' as const),
  client,
  signal: fc.constant('none' as const),
  minValidityMs: fc.constant(0),
  rejected: fc.constantFrom('held' as const, 'older' as const),
  times: fc.constant(1),
});
const storeFault = fc.record({ type: fc.constant('store' as const), fault });
const storeRecovers = fc.constant<Command>({ type: 'store', fault: { kind: 'none' } });
const treat = fc.record({ type: fc.constant('treat' as const), treatment });

/** Sequences that rarely occur by chance, such as an abort followed by a call, or an outage in which a token is obtained. */
const abortAndCall = fc
  .tuple(client, fc.constantFrom('none' as const, 'held' as const), shortTime, shortTime)
  .map(([client, rejected, stay, gap]): Command[] => [
    { type: 'get', client, signal: 'later', minValidityMs: 0, rejected, times: 1 },
    stay,
    { type: 'abort', which: 0 },
    gap,
    { type: 'get', client, signal: 'none', minValidityMs: 0, rejected: 'none', times: 1 },
  ]);
const lateRejection = fc.tuple(get, advance, get, shortTime, rejecting, advance);
const outage = fc.tuple(storeFault, get, advance, rejecting, advance, storeRecovers, get);
const failureAfterRejection = fc.tuple(rejecting, treat, advance, get, treat, advance);

function scheduleOf(
  weighted: fc.WeightedArbitrary<Command>[],
  sequences: fc.Arbitrary<Command[]>[],
): fc.Arbitrary<Schedule> {
  // fast-check requires whole numbers as weights.
  const whole = weighted.map(({ weight, arbitrary }) => ({ weight: weight * 4, arbitrary }));
  const commands = fc.oneof(
    { weight: 6, arbitrary: fc.oneof(...whole).map((command) => [command]) },
    { weight: 2, arbitrary: fc.oneof(...sequences) },
  );
  return fc.record({
    scenario,
    commands: fc.array(commands, { minLength: 1, maxLength: 30, size: 'max' }).map((list) => list.flat()),
  });
}

/** Callers, the passage of time and the wall clock, without faults. */
export const calmSchedule = scheduleOf([...calm, close], [abortAndCall, lateRejection]);
/** The endpoint and the secret function fail in every way, and the store works. */
export const faultySchedule = scheduleOf(
  [...calm, ...faults, close],
  [abortAndCall, lateRejection, failureAfterRejection],
);
/** The store fails as well. */
export const storeFaultSchedule = scheduleOf(
  [...calm, ...faults, ...storeFaults, close],
  [abortAndCall, lateRejection, failureAfterRejection, outage],
);
/** Calls, aborts and `close` happen between the microtasks of other operations. */
export const interleavedSchedule = scheduleOf(
  [...calm, ...faults, ...storeFaults, interleaving, close],
  [abortAndCall, lateRejection, failureAfterRejection, outage],
);

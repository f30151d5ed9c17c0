import type { StoreKey } from '@instellix/core';
import fc from 'fast-check';

/** One thing that happens. */
export type StoreStep = StoreAction & {
  /** The process that does it. */
  readonly handle: number;
  readonly key: StoreKey;
};

type StoreAction =
  | ClaimAction
  /** `back` counts grants from the latest: late writers are common here. */
  | { readonly type: 'commit'; readonly back: number; readonly remainingMs: number }
  | { readonly type: 'release'; readonly back: number; readonly requestSent: boolean }
  | { readonly type: 'remove'; readonly back: number }
  | { readonly type: 'elapse'; readonly ms: number }
  | { readonly type: 'stepWallClock'; readonly ms: number }
  | { readonly type: 'loseData' };

interface ClaimAction {
  readonly type: 'claim';
  /** How many ask at once. */
  readonly askers: number;
  /** Whether they want the stored token replaced. */
  readonly knowsToken: boolean;
  readonly minIntervalMs: number;
  readonly leaseMs: number;
  readonly minRemainingMs: number;
}

export const handleCount = 3;

/** Two tokens of one credential, and one of another. */
export const storeKeys: readonly StoreKey[] = [
  { gate: 'gate', token: 'token' },
  { gate: 'gate', token: 'another token' },
  { gate: 'another gate', token: 'token of another' },
];
/** Most quarrel about one token. */
const key = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...storeKeys.slice(0, 1)) },
  { weight: 2, arbitrary: fc.constantFrom(...storeKeys) },
);
const handle = fc.nat(handleCount - 1);

/** `details` are drawn from; few values, so that moments often meet exactly. */
function action<T extends StoreAction>(
  weight: number,
  type: T['type'],
  details: { [K in keyof Omit<T, 'type'>]: readonly Omit<T, 'type'>[K][] },
): fc.WeightedArbitrary<StoreAction> {
  const draws = Object.entries<readonly unknown[]>(details).map(([name, values]) => [name, fc.constantFrom(...values)]);
  const arbitrary = fc.record({ type: fc.constant(type), ...Object.fromEntries(draws) });
  return { weight, arbitrary: arbitrary as fc.Arbitrary<StoreAction> };
}

type Action<T extends StoreAction['type']> = Extract<StoreAction, { type: T }>;

const backs = [0, 0, 0, 1, 2];
const usual = [
  action<ClaimAction>(6, 'claim', {
    askers: [1, 1, 3],
    knowsToken: [true, false],
    minIntervalMs: [0, 20, 50],
    leaseMs: [15, 40],
    minRemainingMs: [0, 25],
  }),
  action<Action<'commit'>>(3, 'commit', { back: backs, remainingMs: [0, 20, 60] }),
  action<Action<'release'>>(3, 'release', { back: backs, requestSent: [true, false] }),
  action<Action<'remove'>>(1, 'remove', { back: backs }),
  action<Action<'elapse'>>(4, 'elapse', { ms: [1, 5, 15, 20, 50] }),
];

// Nobody promises that fences grow when data are lost *and* the wall clock is set back: a schedule has one or the other.
const mishaps = [
  action<Action<'stepWallClock'>>(1, 'stepWallClock', { ms: [-3_600_000, 3_600_000] }),
  action<Action<'loseData'>>(1, 'loseData', {}),
];

/** Random schedules of several processes. */
export const storeSchedule: fc.Arbitrary<StoreStep[]> = fc.oneof(
  ...mishaps.map((mishap) =>
    fc.array(
      fc.tuple(fc.oneof(...usual, mishap), handle, key).map(([what, handle, key]) => ({ ...what, handle, key })),
      { maxLength: 40, size: 'max' },
    ),
  ),
);

import type { StoreKey } from '@instellix/core/store';
import fc from 'fast-check';

/** One event of a schedule. */
export type StoreStep = StoreAction & {
  /** The index of the process that causes it. */
  readonly handle: number;
  readonly key: StoreKey;
};

type StoreAction =
  | ClaimAction
  /** `back` counts grants back from the latest, so that late reports are common. */
  | { readonly type: 'commit'; readonly back: number; readonly remainingMs: number }
  | { readonly type: 'release'; readonly back: number; readonly requestSent: boolean }
  | { readonly type: 'remove'; readonly back: number }
  | { readonly type: 'elapse'; readonly ms: number }
  | { readonly type: 'stepWallClock'; readonly ms: number }
  | { readonly type: 'suspend'; readonly ms: number }
  | { readonly type: 'loseData' };

interface ClaimAction {
  readonly type: 'claim';
  /** The number of concurrent claims. */
  readonly claimants: number;
  /** The token that the claimants want to replace, compared with the stored one. */
  readonly knows: 'nothing' | 'an older token' | 'the token' | 'a newer token';
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
/** Most events are about one token. */
const key = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...storeKeys.slice(0, 1)) },
  { weight: 2, arbitrary: fc.constantFrom(...storeKeys) },
);
const handle = fc.nat(handleCount - 1);

/** Draws each of `details` from a few values, so that events often coincide exactly. */
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
    claimants: [1, 1, 3],
    knows: ['nothing', 'nothing', 'the token', 'the token', 'an older token', 'a newer token'],
    minIntervalMs: [0, 20, 50],
    leaseMs: [15, 40],
    minRemainingMs: [0, 25],
  }),
  action<Action<'commit'>>(3, 'commit', { back: backs, remainingMs: [0, 20, 60] }),
  action<Action<'release'>>(3, 'release', { back: backs, requestSent: [true, false] }),
  action<Action<'remove'>>(1, 'remove', { back: backs }),
  action<Action<'elapse'>>(4, 'elapse', { ms: [1, 5, 15, 20, 50] }),
  action<Action<'suspend'>>(1, 'suspend', { ms: [5, 15, 50] }),
];

// Fences need not increase when data are lost *and* the wall clock is set back: a schedule contains one or the other.
const mishaps = [
  action<Action<'stepWallClock'>>(1, 'stepWallClock', { ms: [-3_600_000, -15, 15, 3_600_000] }),
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

import { describe, expect, test } from 'vitest';
import { runChaos } from './chaos-run.ts';
import type { Invariant } from './observer.ts';
import { type Rule, rules } from './simulated-store.ts';

/** What breaks first when a rule is left out. */
const use: Record<Rule, Invariant> = {
  'reading again and claiming are one step': 'no needless request',
  'one claim is open at a time': 'single winner',
  'an interval lies between the end of a claim and the next': 'gate',
  'the interval counts from the end of a claim, not from its grant': 'gate',
  'a lease ends by time': 'progress',
  'a holder that died has closed the gate with its lease': 'gate',
  'only its holder ends a claim': 'single winner',
  'a failed request that was sent keeps the gate closed': 'gate',
  'a commit below a committed fence is refused': 'fencing',
  'fences start from the clock when the data are lost': 'fencing',
  'the holder looks at its lease before it sends': 'gate',
  'the holder aborts when its lease runs out': 'gate',
  'a remaining lifetime counts from before the store was asked': 'honest lifetime',
};

/** The first violation within so many seeds, and what it violates. */
function findViolations(missing: Rule | undefined, seeds: number): { seed: number; broken: Invariant[] } | undefined {
  for (let seed = 1; seed <= seeds; seed++) {
    const broken = new Set(runChaos(seed, missing).map(({ invariant }) => invariant));
    if (broken.size > 0 && (!missing || broken.has(use[missing]))) return { seed, broken: [...broken] };
  }
  return undefined;
}

describe('the protocol of claims', { timeout: 60_000 }, () => {
  test('keeps its invariants through crashes, pauses, partitions, slow answers, lost data and lost writes', () => {
    expect(findViolations(undefined, 2_000)).toBeUndefined();
  });

  test.each(rules)('needs its rule that %s: without it, the simulation finds what breaks', (rule) => {
    expect(findViolations(rule, 400)?.broken).toContain(use[rule]);
  });

  test('plays the same run for the same seed, so that what it finds can be looked at again', () => {
    const rule = 'one claim is open at a time';
    expect(runChaos(7, rule)).toEqual(runChaos(7, rule));
    expect(runChaos(7, rule)).not.toEqual(runChaos(8, rule));
  });
});

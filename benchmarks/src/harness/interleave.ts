import type { Random } from '@instellix/testing/seeded-random';
import { shuffled } from './shuffled.ts';

/** The options of {@link interleave}. */
export interface InterleaveOptions<S, M> {
  readonly subjects: readonly S[];
  /** The measured rounds. */
  readonly rounds: number;
  /** Warm-up rounds before them, for the compiler and the caches. @default 0 */
  readonly warmUpRounds?: number;
  readonly random: Random;
  readonly measure: (subject: S) => Promise<M>;
}

/**
 * Measures every subject once per round, each round in a new order, and returns one measurement per subject and round.
 *
 * Measured one after the other, subjects would run under different conditions: clock rate, other processes, heap.
 */
export async function interleave<S, M>(options: InterleaveOptions<S, M>): Promise<Map<S, M[]>> {
  const { subjects, rounds, warmUpRounds = 0, random, measure } = options;
  const measurements = new Map<S, M[]>(subjects.map((subject) => [subject, []]));
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const subject of shuffled(subjects, random)) {
      const measurement = await measure(subject);
      if (round >= 0) measurements.get(subject)?.push(measurement);
    }
  }
  return measurements;
}

import { type Random, shuffled } from './seeded-random.ts';

/** How {@link interleave} goes about it. */
export interface InterleaveOptions<S, M> {
  readonly subjects: readonly S[];
  /** Rounds that count. */
  readonly rounds: number;
  /** Rounds before them that do not count, for the compiler and the caches. @default 0 */
  readonly warmUpRounds?: number;
  readonly random: Random;
  readonly measure: (subject: S) => Promise<M>;
}

/**
 * Measures every subject once per round, each round in a new order, and returns one measurement per subject and round.
 *
 * Subjects measured one after the other would compare the machine's moods: its clock rate, its other tenants, its heap.
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

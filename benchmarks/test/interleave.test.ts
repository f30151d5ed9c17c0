import { seededRandom } from '@instellix/testing/seeded-random';
import { describe, expect, it } from 'vitest';
import { interleave } from '../src/harness/interleave.ts';

const subjects = ['a', 'b', 'c'];

async function trace(seed: number, rounds: number, warmUpRounds = 0) {
  const order: string[] = [];
  const measure = async (subject: string) => order.push(subject);
  const measurements = await interleave({ subjects, rounds, warmUpRounds, random: seededRandom(seed), measure });
  return { order, measurements };
}

describe('interleave', () => {
  it('measures every subject once per round', async () => {
    const { order } = await trace(1, 20);
    expect(order).toHaveLength(60);
    for (let i = 0; i < order.length; i += 3) expect(order.slice(i, i + 3).sort()).toEqual(subjects);
  });

  it('changes the order between rounds and repeats it for the same seed', async () => {
    const { order } = await trace(1, 20);
    expect(new Set(Array.from({ length: 20 }, (_, i) => order.slice(i * 3, i * 3 + 3).join())).size).toBeGreaterThan(1);
    expect((await trace(1, 20)).order).toEqual(order);
    expect((await trace(2, 20)).order).not.toEqual(order);
  });

  it('runs warm-up rounds and leaves them out of the result', async () => {
    const { order, measurements } = await trace(1, 2, 3);
    expect(order).toHaveLength(15);
    for (const values of measurements.values()) {
      expect(values).toHaveLength(2);
      expect(Math.min(...values)).toBeGreaterThan(9);
    }
  });
});

import { expect, test } from 'vitest';
import { seededRandom } from '../src/seeded-random.ts';

const draw = (seed: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: 1_000 }, () => random());
};

test('the same seed repeats the same numbers, and another seed does not', () => {
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test('the numbers lie between 0 and 1, and half of them below 0.5', () => {
  const numbers = draw(1);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  expect(numbers.filter((number) => number < 0.5).length / numbers.length).toBeCloseTo(0.5, 1);
});

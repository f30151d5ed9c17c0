import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantile, ratiosTo, summarize } from '../src/harness/statistics.ts';

describe('statistics', () => {
  it('takes the middle value, or the mean of the two middle ones, as the median', () => {
    expect(quantile([9, 1, 5], 0.5)).toBe(5);
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([7], 0.5)).toBe(7);
  });

  it('interpolates quartiles', () => {
    expect(summarize([1, 2, 3, 4, 5])).toEqual({ median: 3, p25: 2, p75: 4 });
    expect(summarize([10, 20])).toEqual({ median: 15, p25: 12.5, p75: 17.5 });
  });

  it('sorts by value, not by spelling', () => {
    expect(summarize([100, 20, 3])).toEqual({ median: 20, p25: 11.5, p75: 60 });
  });

  it('does not change its input', () => {
    const values = [3, 1, 2];
    summarize(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('divides within each round', () => {
    expect(ratiosTo([10, 1000, 10], [11, 1100, 11])).toEqual([1.1, 1.1, 1.1]);
  });

  it('throws without measurements', () => {
    expect(() => summarize([])).toThrow(RangeError);
    expect(() => ratiosTo([1], [1, 2])).toThrow('Round 2');
    expect(() => ratiosTo([0], [1])).toThrow('Round 1');
  });

  it('quartiles enclose the median', () => {
    const measurements = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(measurements, (values) => {
        const { p25, median, p75 } = summarize(values);
        const [least, most] = [Math.min(...values), Math.max(...values)];
        return least <= p25 && p25 <= median && median <= p75 && p75 <= most;
      }),
    );
  });
});

import { expect, it } from 'vitest';
import { formatRatio, formatTable } from '../src/harness/table.ts';

it('prints a Markdown table', () => {
  expect(formatTable(['subject', 'ratio'], [['ours', '1.02'], ['a longer one']])).toBe(
    [
      '| subject      | ratio |',
      '| ------------ | ----- |',
      '| ours         | 1.02  |',
      '| a longer one |       |',
    ].join('\n'),
  );
});

it('rounds to significant digits', () => {
  expect(formatRatio({ median: 1.0249, p25: 1, p75: 9.994 })).toBe('1.02 (1.00-9.99)');
  expect(formatRatio({ median: 45.44, p25: 9.999, p75: 561.2 })).toBe('45.4 (10.00-561)');
  expect(formatRatio({ median: 45.44, p25: 45.44, p75: 45.44 })).toBe('45.4');
});

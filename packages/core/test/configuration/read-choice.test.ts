import { expect, it } from 'vitest';
import { Problems } from '../../src/configuration/problems.ts';
import { readChoice } from '../../src/configuration/read-choice.ts';
import { problemsOf } from './problems-of.ts';

const choose = (value: unknown) => {
  const problems = new Problems();
  const choice = readChoice({ value, label: 'bodyFormat' }, 'multipart', 'urlencoded', problems);
  return [choice, problemsOf(() => problems.throwIfAny())];
};

it('takes either word, and the first when none is given', () => {
  expect(choose('multipart')).toEqual(['multipart', []]);
  expect(choose('urlencoded')).toEqual(['urlencoded', []]);
  expect(choose(undefined)).toEqual(['multipart', []]);
});

it.each(['', 'Multipart', null, ['multipart']])('does not take %j for one of the words', (value) => {
  expect(choose(value)[1]).toEqual([expect.stringMatching(/^bodyFormat must be multipart or urlencoded, not /)]);
});

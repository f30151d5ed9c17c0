import { expect, it } from 'vitest';
import { Problems } from '../../src/configuration/problems.ts';
import { readFunction } from '../../src/configuration/read-function.ts';
import { problemsOf } from './problems-of.ts';

const read = (value: unknown) => {
  const problems = new Problems();
  const result = readFunction({ value, label: 'onEvent' }, problems);
  return { result, problems: problemsOf(() => problems.throwIfAny()) };
};

it('takes any function, or none', () => {
  for (const value of [() => {}, async () => {}, class {}, new Proxy(() => {}, {}), undefined]) {
    expect(read(value)).toEqual({ result: value, problems: [] });
  }
});

it.each([null, {}, 'console.log', 0])('refuses %j before the first call of it fails', (value) => {
  expect(read(value).problems).toEqual([expect.stringMatching(/^onEvent must be a function, not /)]);
});

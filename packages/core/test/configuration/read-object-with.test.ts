import { expect, it } from 'vitest';
import { Problems } from '../../src/configuration/problems.ts';
import { readObjectWith } from '../../src/configuration/read-object-with.ts';
import { problemsOf } from './problems-of.ts';

interface Pair {
  open(): void;
  close(): void;
}

const read = (value: unknown) => {
  const problems = new Problems();
  const result = readObjectWith<Pair>(['open', 'close'], { value, label: 'store' }, problems);
  return { result, problems: problemsOf(() => problems.throwIfAny()) };
};

it('takes an object of any class that has the methods, also inherited ones', () => {
  class Base {
    open() {}
  }
  class Derived extends Base {
    close() {}
  }
  for (const value of [new Derived(), { open() {}, close() {} }, undefined]) {
    expect(read(value)).toEqual({ result: value, problems: [] });
  }
});

it.each([
  null,
  {},
  { open() {} },
  { open() {}, close: true },
  'store',
  Promise.resolve(),
  new Proxy(
    {},
    {
      get: () => {
        throw new Error('no');
      },
    },
  ),
])('names the methods that are wanted rather than fail at the first token: %#', (value) => {
  expect(read(value)).toEqual({
    result: undefined,
    problems: [expect.stringMatching(/^store must be an object with the methods open, close, not /)],
  });
});

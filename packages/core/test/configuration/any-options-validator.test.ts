import { expect, test } from 'vitest';
import { anyOptions } from '../../src/configuration/any-options-validator.ts';
import { validate } from './validate.ts';

class Base {
  readonly #timeout = 2_000;
  readonly own: string = 'base';
  get timeout() {
    return this.#timeout;
  }
  method() {}
}
class Derived extends Base {
  override readonly own = 'derived';
  get headers() {
    return { accept: '*/*' };
  }
}

test.each<[string, object, object]>([
  ['a literal', { timeout: 1, unset: undefined }, { timeout: 1, unset: undefined }],
  ['a frozen literal', Object.freeze({ timeout: 1 }), { timeout: 1 }],
  ['an object without a prototype', Object.assign(Object.create(null), { timeout: 1 }), { timeout: 1 }],
  ['an object with defaults as its prototype', Object.create({ timeout: 1 }), { timeout: 1 }],
  ['an object with a hidden key', Object.defineProperty({}, 'timeout', { value: 1 }), { timeout: 1 }],
  [
    'an instance of a class with getters',
    new Derived(),
    { timeout: 2_000, headers: { accept: '*/*' }, own: 'derived', method: Base.prototype.method },
  ],
])('copies %s to a literal', (_, given, expected) => {
  const { result, problems } = validate(anyOptions(), given);
  expect(problems).toEqual([]);
  expect(result).toStrictEqual(expected);
});

test('keeps the values as they are', () => {
  const agent = new Base();
  expect(validate(anyOptions<{ agent: Base }>(), { agent }).result?.agent).toBe(agent);
});

test('may be left out', () => {
  expect(validate(anyOptions(), undefined)).toEqual({ result: undefined, problems: [] });
});

test.each<[string, unknown]>([
  ['null', null],
  ['a string', 'planted-secret'],
  ['a number', 5],
  ['an array', []],
  ['a function', () => ({})],
  ['a promise', Promise.resolve({})],
  ['a map', new Map([['timeout', 1]])],
])('refuses %s', (_, given) => {
  const { problems } = validate(anyOptions(), given, 'axios');
  expect(problems).toEqual([expect.stringMatching(/^axios must be an object of options/)]);
  expect(problems.join()).not.toContain('planted');
});

test('names a getter that throws', () => {
  const given = {
    get timeout(): number {
      throw new Error('planted-secret');
    },
  };
  expect(validate(anyOptions(), given, 'axios').problems).toEqual([
    'axios.timeout throws when it is read: give a plain value.',
  ]);
});

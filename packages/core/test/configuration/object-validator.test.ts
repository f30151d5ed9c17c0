import { afterEach, describe, expect, it } from 'vitest';
import { object, readArguments, readOptions } from '../../src/configuration/object-validator.ts';
import { number, optional, string } from '../../src/configuration/validator.ts';
import { problemsOf } from './problems-of.ts';
import { validate } from './validate.ts';

const pair = object({ first: number(0, 9), second: number(0, 9) });
const mustBePair = 'option must be an object with some of the keys first, second';

describe('object', () => {
  it('names each option by its path, without a prefix at the top level', () => {
    expect(validate(pair, { first: -1 }, 'refresh').problems).toEqual([expect.stringMatching(/^refresh\.first must/)]);
    expect(problemsOf(() => readOptions(pair, { first: -1 }, Object))).toEqual([expect.stringMatching(/^first must/)]);
  });

  it('treats undefined as an empty object', () => {
    expect(validate(pair, undefined)).toEqual({ result: { first: undefined, second: undefined }, problems: [] });
  });

  it('continues after a getter that throws, so that it reports the other problems, too', () => {
    const { result, problems } = validate(pair, {
      get first() {
        throw new Error('no');
      },
      second: 2,
      third: 3,
    });
    expect(result.second).toBe(2);
    expect(problems).toEqual([
      `${mustBePair}, not "third".`,
      expect.stringMatching(/^option\.first throws when it is read/),
    ]);
  });

  it('reads nothing of a proxy but its tag, its keys and the known options, each once', () => {
    const reads: unknown[] = [];
    const value = new Proxy(
      { first: 1 },
      {
        get(target, key) {
          reads.push(key);
          return Reflect.get(target, key);
        },
      },
    );
    expect(validate(pair, value).result.first).toBe(1);
    expect(reads).toEqual([Symbol.toStringTag, 'first']);
  });
});

describe('options of any object', () => {
  class Base {
    get second() {
      return 2;
    }
  }
  class Derived extends Base {
    readonly #first = 1;
    get first() {
      return this.#first;
    }
    helper() {}
  }

  it.each<[string, object]>([
    ['a literal', { first: 1, second: 2 }],
    ['a frozen object', Object.freeze({ first: 1, second: 2 })],
    ['an object without prototype', Object.assign(Object.create(null), { first: 1, second: 2 })],
    ['an object with a prototype of options', Object.create({ first: 1, second: 2 })],
    [
      'an object whose prototype chain holds some of them',
      Object.create(Object.create({ first: 1 }), { second: { value: 2 } }),
    ],
    ['a class with getters, private fields and other members', new Derived()],
    ['properties that are not enumerable', Object.defineProperties({}, { first: { value: 1 }, second: { value: 2 } })],
    ['an object with symbols', { first: 1, second: 2, [Symbol('third')]: 3 }],
    ['an object with a toStringTag', Object.assign(new Derived(), { [Symbol.toStringTag]: 'Settings' })],
  ])('reads %s', (_, value) => {
    expect(validate(pair, value)).toEqual({ result: { first: 1, second: 2 }, problems: [] });
  });

  it.each<[string, unknown]>([
    ['a Map', new Map([['first', 1]])],
    ['a Set', new Set()],
    ['a Promise', Promise.resolve({ first: 1 })],
    ['an Array', [{ first: 1 }]],
    ['a Date', new Date()],
    ['a URL', new URL('https://a.example')],
    ['a RegExp', /first/],
    ['an Error', new Error('first')],
    ['bytes', new Uint8Array(1)],
    ['a Response', new Response()],
    ['a String object', new String('first')],
    ['an instance of a subclass of Map', new (class extends Map {})()],
    ['a function', () => ({ first: 1 })],
    ['a string', 'first'],
    ['a number', 1],
    ['null', null],
  ])('refuses %s', (_, value) => {
    expect(validate(pair, value).problems).toEqual([`${mustBePair}.`]);
  });
});

describe('Object.prototype', () => {
  const prototype = Object.prototype as Record<string, unknown>;
  afterEach(() => {
    for (const key of ['first', 'third']) delete prototype[key];
  });

  it('is no source of options, for literals, classes and nested objects', () => {
    prototype['first'] = 1;
    const nested = object({ inner: pair });
    for (const value of [{}, new (class {})(), Object.create({}), undefined]) {
      expect(validate(pair, value)).toEqual({ result: { first: undefined, second: undefined }, problems: [] });
    }
    expect(validate(nested, { inner: {} }).result.inner.first).toBeUndefined();
    expect(validate(nested, {}).result.inner.first).toBeUndefined();
  });

  it('makes no key of an object unknown', () => {
    prototype['third'] = 3;
    expect(validate(pair, { first: 1 }).problems).toEqual([]);
  });
});

describe('unknown keys', () => {
  it.each(['clientID', 'tokenEndpoint', 'constructor', 'timeout', 'a', 'abcdefghijklmnopqrst'])(
    'quotes %s, which has the form of an option name',
    (key) => {
      expect(validate(pair, { [key]: 1 }).problems).toEqual([`${mustBePair}, not "${key}".`]);
    },
  );

  it.each(['client_secret', 'hunter2', 'Hunter', 'planted-secret', 'abcdefghijklmnopqrstu', 'a b', 'ä', '', '0'])(
    'does not show %j, which may be a secret in the wrong place',
    (key) => {
      expect(validate(pair, { [key]: 1 }).problems).toEqual([`${mustBePair}, not a key that is not shown.`]);
    },
  );

  it('finds keys of JSON that other objects inherit', () => {
    expect(validate(pair, JSON.parse('{"__proto__": 1}')).problems).toEqual([
      `${mustBePair}, not a key that is not shown.`,
    ]);
    expect(validate(pair, JSON.parse('{"constructor": 1}')).problems).toEqual([`${mustBePair}, not "constructor".`]);
  });

  it('names at most five', () => {
    const [problem = ''] = validate(pair, Object.assign({}, 'x'.repeat(10_000))).problems;
    expect(problem.length).toBeLessThan(400);
    expect(problem.match(/not shown/g)).toHaveLength(5);
  });
});

describe('keys that must not be undefined', () => {
  const identity = object({ id: string(), other: string() }, ['id']);
  const problem = 'option.id is present but undefined: give it a value, or leave the key out.';

  it.each<[string, object]>([
    ['a literal', { id: undefined }],
    [
      'a getter',
      new (class {
        get id() {
          return undefined;
        }
      })(),
    ],
    ['a prototype', Object.create({ id: undefined })],
  ])('are a problem when they are present in %s', (_, value) => {
    expect(validate(identity, value).problems).toEqual([problem]);
  });

  it('may be left out, and other keys may be undefined', () => {
    expect(validate(identity, {}).problems).toEqual([]);
    expect(validate(identity, { id: 'x', other: undefined }).problems).toEqual([]);
  });
});

describe('readOptions', () => {
  it('completes the options in spite of problems, and reports those of the completion, too', () => {
    const run = () =>
      readOptions(pair, { first: -1 }, ({ second = 5 }, problems) => {
        problems.push(`second is ${second}.`);
      });
    expect(problemsOf(run)).toEqual([expect.stringMatching(/^first /), 'second is 5.']);
  });

  it('names the owner in each problem', () => {
    expect(problemsOf(() => readOptions(pair, { first: -1, second: -1 }, Object, 'owner'))).toEqual([
      expect.stringMatching(/^owner: first /),
      expect.stringMatching(/^owner: second /),
    ]);
  });
});

describe('readArguments', () => {
  const label = 'getToken: options';

  it('returns what it has read', () => {
    expect(readArguments(pair, { first: 1 }, label)).toEqual({ first: 1, second: undefined });
  });

  it.each<[string, unknown, string]>([
    [
      'a wrong value',
      { first: -1, second: 'x' },
      `${label}.first must be a number from 0 to 9, not -1. ${label}.second`,
    ],
    ['an unknown key', { third: 1 }, `${label} must be an object with some of the keys first, second, not "third".`],
    ['null', null, `${label} must be an object`],
  ])('throws a TypeError for %s', (_, value, message) => {
    const run = () => readArguments(pair, value, label);
    expect(run).toThrow(TypeError);
    expect(run).toThrow(message);
  });

  it('throws a TypeError when a validator throws', () => {
    const hostile = optional<unknown>('anything', () => {
      throw new Error('no');
    });
    expect(() => readArguments(object({ first: hostile }), { first: 1 }, label)).toThrow(
      new TypeError(`${label}.first throws when it is read: give a plain value.`),
    );
  });
});

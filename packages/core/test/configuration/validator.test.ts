import { beforeEach, describe, expect, it } from 'vitest';
import { func, number, oneOf, orVariable, required, string, withMethods } from '../../src/configuration/validator.ts';
import { validate } from './validate.ts';
import { clearVariables, setVariables } from './variables.ts';

beforeEach(clearVariables);

describe('string', () => {
  it.each(['x', 'two words', 'pässword', '密码', '😀', '\u200b', 'a'.repeat(100_000)])(
    'accepts %j unchanged',
    (value) => {
      expect(validate(string(), value)).toEqual({ result: value, problems: [] });
    },
  );

  it.each([
    'hunter2\n',
    '\ufeffhunter2',
    'hunter2\u00a0',
    'hunter\t2',
    'hunter\u0085two',
    'hunter\udfff2',
    '',
    ' \n',
    null,
    new String('hunter2'),
    ['hunter2'],
  ])('refuses %j without showing it', (value) => {
    const { result, problems } = validate(string(), value);
    expect(result).toBeUndefined();
    expect(problems).toEqual([
      expect.stringMatching(/^option must be a non-empty string .*control characters.*whitespace/),
    ]);
    expect(problems.join()).not.toContain('hunter');
  });

  it('gives the same message wherever the fault is, so that it reveals nothing about the value', () => {
    const faults = ['\u0001secret', 'se\u0001cret', 'se\u0002cret', 'secr\u0001et-longer'].map(
      (value) => validate(string(), value).problems,
    );
    expect(new Set(faults.map((problems) => problems.join())).size).toBe(1);
  });

  it('adds a further requirement to the same sentence', () => {
    expect(validate(string(', in digits', /^\d+$/), 'x').problems).toEqual([expect.stringMatching(/, in digits\.$/)]);
    expect(validate(string(', in digits', /^\d+$/), '1')).toEqual({ result: '1', problems: [] });
  });
});

describe('required', () => {
  it('reports a missing option once', () => {
    expect(validate(required(string()), undefined, 'realm')).toEqual({
      result: undefined,
      problems: ['realm is missing: set it.'],
    });
    expect(validate(required(string()), '', 'realm').problems).toHaveLength(1);
  });
});

describe('orVariable', () => {
  const validator = orVariable('INSTELLIX_REALM', required(string()));

  it('names the option and its variable', () => {
    expect(validate(validator, undefined, 'realm').problems).toEqual([
      expect.stringMatching(/^realm \(variable INSTELLIX_REALM\) is missing/),
    ]);
  });

  it.each(['', null, 0, false])('does not replace %j by the variable', (value) => {
    setVariables({ INSTELLIX_REALM: 'from-variable' });
    expect(validate(validator, value).problems).toHaveLength(1);
    expect(validate(validator, undefined).result).toBe('from-variable');
  });
});

describe('number', () => {
  it.each([1, 1.5, 2 ** 31 - 1])('accepts %d, limits included', (value) => {
    expect(validate(number(1, 2 ** 31 - 1), value)).toEqual({ result: value, problems: [] });
  });

  it.each([Number.NaN, 0, -1, Number.POSITIVE_INFINITY, 2 ** 31, '1', '', 1n, null, true, [1], new Date(1)])(
    'refuses %o, with which a timer would fire at once or never',
    (value) => {
      expect(validate(number(1, 2 ** 31 - 1), value)).toEqual({
        result: undefined,
        problems: [expect.stringMatching(/^option must be a number from 1 to 2147483647/)],
      });
    },
  );

  it('shows the number that it refuses', () => {
    expect(validate(number(0, 1), 3).problems).toEqual(['option must be a number from 0 to 1, not 3.']);
  });

  it('accepts undefined, for a default', () => {
    expect(validate(number(0, 1), undefined)).toEqual({ result: undefined, problems: [] });
  });
});

describe('oneOf', () => {
  it('accepts both values and undefined', () => {
    for (const value of ['multipart', 'urlencoded', undefined]) {
      expect(validate(oneOf('multipart', 'urlencoded'), value)).toEqual({ result: value, problems: [] });
    }
  });

  it.each(['', 'Multipart', null, ['multipart']])('refuses %j', (value) => {
    expect(validate(oneOf('multipart', 'urlencoded'), value).problems).toEqual([
      expect.stringMatching(/^option must be multipart or urlencoded/),
    ]);
  });
});

describe('func', () => {
  it('accepts any function and undefined', () => {
    for (const value of [() => {}, async () => {}, class {}, new Proxy(() => {}, {}), undefined]) {
      expect(validate(func(), value)).toEqual({ result: value, problems: [] });
    }
  });

  it.each([null, {}, 'console.log', 0])('refuses %j', (value) => {
    expect(validate(func(), value).problems).toEqual([expect.stringMatching(/^option must be a function/)]);
  });
});

describe('withMethods', () => {
  interface Pair {
    open(): void;
    close(): void;
  }
  const pair = withMethods<Pair>('open', 'close');

  it('accepts an object with the methods, inherited ones included', () => {
    class Base {
      open() {}
    }
    class Derived extends Base {
      close() {}
    }
    for (const value of [new Derived(), { open() {}, close() {} }, undefined]) {
      expect(validate(pair, value)).toEqual({ result: value, problems: [] });
    }
  });

  it.each([null, {}, { open() {} }, { open() {}, close: true }, 'store', Promise.resolve()])(
    'refuses an object without them, and names them: %#',
    (value) => {
      expect(validate(pair, value)).toEqual({
        result: undefined,
        problems: [expect.stringMatching(/^option must be an object with the methods open, close/)],
      });
    },
  );
});

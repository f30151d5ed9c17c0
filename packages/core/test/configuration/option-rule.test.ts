import { beforeEach, describe, expect, it } from 'vitest';
import {
  callable,
  either,
  needed,
  number,
  orVariable,
  text,
  withMethods,
} from '../../src/configuration/option-rule.ts';
import { reading } from './reading.ts';
import { clearVariables, setVariables } from './variables.ts';

beforeEach(clearVariables);

describe('text', () => {
  it.each(['x', 'two words', 'pässword', '密码', '😀', '\u200b', 'a'.repeat(100_000)])(
    'leaves a usable one as it is',
    (value) => {
      expect(reading(text(), value)).toEqual({ result: value, problems: [] });
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
  ])('does not send %j, and tells why without showing it', (value) => {
    const { result, problems } = reading(text(), value);
    expect(result).toBeUndefined();
    expect(problems).toEqual([expect.stringMatching(/^option must be a text .*control characters.*white space/)]);
    expect(problems.join()).not.toContain('hunter');
  });

  it('says the same wherever in a secret the fault is, so that the message tells nothing about it', () => {
    const faults = ['\u0001secret', 'se\u0001cret', 'se\u0002cret', 'secr\u0001et-longer'].map(
      (value) => reading(text(), value).problems,
    );
    expect(new Set(faults.map((problems) => problems.join())).size).toBe(1);
  });

  it('says in the same sentence what else it must be', () => {
    expect(reading(text(', in digits', /^\d+$/), 'x').problems).toEqual([expect.stringMatching(/, in digits\.$/)]);
    expect(reading(text(', in digits', /^\d+$/), '1')).toEqual({ result: '1', problems: [] });
  });
});

describe('needed', () => {
  it('reports what is missing, and nothing else about it', () => {
    expect(reading(needed(text()), undefined, 'realm')).toEqual({
      result: undefined,
      problems: ['realm is missing: set it.'],
    });
    expect(reading(needed(text()), '', 'realm').problems).toHaveLength(1);
  });
});

describe('orVariable', () => {
  const rule = orVariable('INSTELLIX_REALM', needed(text()));

  it('names both ways to set an option', () => {
    expect(reading(rule, undefined, 'realm').problems).toEqual([
      expect.stringMatching(/^realm \(variable INSTELLIX_REALM\) is missing/),
    ]);
  });

  it.each(['', null, 0, false])('does not replace %j, which is wrong but was given', (value) => {
    setVariables({ INSTELLIX_REALM: 'from-variable' });
    expect(reading(rule, value).problems).toHaveLength(1);
    expect(reading(rule, undefined).result).toBe('from-variable');
  });
});

describe('number', () => {
  it.each([1, 1.5, 2 ** 31 - 1])('takes %d, also when it is the limit', (value) => {
    expect(reading(number(1, 2 ** 31 - 1), value)).toEqual({ result: value, problems: [] });
  });

  it.each([Number.NaN, 0, -1, Number.POSITIVE_INFINITY, 2 ** 31, '1', '', 1n, null, true, [1], new Date(1)])(
    'takes no %o, with which a timer would fire at once or never',
    (value) => {
      expect(reading(number(1, 2 ** 31 - 1), value)).toEqual({
        result: undefined,
        problems: [expect.stringMatching(/^option must be a number from 1 to 2147483647/)],
      });
    },
  );

  it('shows which number it was', () => {
    expect(reading(number(0, 1), 3).problems).toEqual(['option must be a number from 0 to 1, not 3.']);
  });

  it('leaves it to the default when it is left out', () => {
    expect(reading(number(0, 1), undefined)).toEqual({ result: undefined, problems: [] });
  });
});

describe('either', () => {
  it('takes either word, or none', () => {
    for (const value of ['multipart', 'urlencoded', undefined]) {
      expect(reading(either('multipart', 'urlencoded'), value)).toEqual({ result: value, problems: [] });
    }
  });

  it.each(['', 'Multipart', null, ['multipart']])('does not take %j for one of the words', (value) => {
    expect(reading(either('multipart', 'urlencoded'), value).problems).toEqual([
      expect.stringMatching(/^option must be multipart or urlencoded/),
    ]);
  });
});

describe('callable', () => {
  it('takes any function, or none', () => {
    for (const value of [() => {}, async () => {}, class {}, new Proxy(() => {}, {}), undefined]) {
      expect(reading(callable(), value)).toEqual({ result: value, problems: [] });
    }
  });

  it.each([null, {}, 'console.log', 0])('refuses %j before the first call of it fails', (value) => {
    expect(reading(callable(), value).problems).toEqual([expect.stringMatching(/^option must be a function/)]);
  });
});

describe('withMethods', () => {
  interface Pair {
    open(): void;
    close(): void;
  }
  const pair = withMethods<Pair>('open', 'close');

  it('takes an object of any class that has the methods, also inherited ones', () => {
    class Base {
      open() {}
    }
    class Derived extends Base {
      close() {}
    }
    for (const value of [new Derived(), { open() {}, close() {} }, undefined]) {
      expect(reading(pair, value)).toEqual({ result: value, problems: [] });
    }
  });

  it.each([null, {}, { open() {} }, { open() {}, close: true }, 'store', Promise.resolve()])(
    'names the methods that are wanted rather than fail at the first token: %#',
    (value) => {
      expect(reading(pair, value)).toEqual({
        result: undefined,
        problems: [expect.stringMatching(/^option must be an object with the methods open, close/)],
      });
    },
  );
});

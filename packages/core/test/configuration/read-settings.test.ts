import { describe, expect, it } from 'vitest';
import { Problems } from '../../src/configuration/problems.ts';
import { readSettings, rootLabel } from '../../src/configuration/read-settings.ts';
import { problemsOf } from './problems-of.ts';

const read = (value: unknown, label: string) => {
  const problems = new Problems();
  const settings = readSettings({ value, label }, ['first', 'second'], problems);
  return { settings, problems: problemsOf(() => problems.throwIfAny()) };
};

describe('readSettings', () => {
  it('names each setting by its path', () => {
    const settings = {
      first: { value: 1, label: 'refresh.first' },
      second: { value: undefined, label: 'refresh.second' },
    };
    expect(read({ first: 1 }, 'refresh')).toEqual({ settings, problems: [] });
    expect(read({ first: 1 }, rootLabel).settings.first.label).toBe('first');
  });

  it('takes what is left out for an empty object', () => {
    expect(read(undefined, 'refresh').problems).toEqual([]);
  });

  it('does not answer for keys that every object has', () => {
    expect(read(JSON.parse('{"__proto__": 1}'), 'refresh').problems).toEqual([expect.stringContaining('"__proto__"')]);
  });

  it('goes on after a getter that throws, so that the other problems are found, too', () => {
    const { settings, problems } = read(
      {
        get first() {
          throw new Error('no');
        },
        second: 2,
        third: 3,
      },
      'refresh',
    );
    expect(settings.second.value).toBe(2);
    expect(problems).toEqual([
      expect.stringMatching(/^The key "third" of refresh is unknown: the known ones are first, second/),
      expect.stringMatching(/^refresh.first throws when it is read/),
    ]);
  });

  it('asks nothing of a proxy but its keys and the known ones', () => {
    const asked = new Set<unknown>();
    const value = new Proxy(
      { first: 1 },
      {
        get(target, key) {
          asked.add(key);
          return Reflect.get(target, key);
        },
      },
    );
    expect(read(value, 'refresh').settings.first.value).toBe(1);
    expect(asked).toEqual(new Set([Symbol.toStringTag, 'first', 'second']));
  });

  it('names a few unknown keys only, when a text was spread', () => {
    const { problems } = read(Object.assign({}, 'a text that was spread'), 'refresh');
    expect(problems).toHaveLength(9);
  });
});

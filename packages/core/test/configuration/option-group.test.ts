import { describe, expect, it } from 'vitest';
import { group, readOptions } from '../../src/configuration/option-group.ts';
import { number } from '../../src/configuration/option-rule.ts';
import { problemsOf } from './problems-of.ts';
import { reading } from './reading.ts';

const pair = group({ first: number(0, 9), second: number(0, 9) });

describe('group', () => {
  it('names each option by its path, but does without one at the top', () => {
    expect(reading(pair, { first: -1 }, 'refresh').problems).toEqual([expect.stringMatching(/^refresh\.first must/)]);
    expect(problemsOf(() => readOptions(pair, { first: -1 }, Object))).toEqual([expect.stringMatching(/^first must/)]);
  });

  it('takes what is left out for an empty object', () => {
    expect(reading(pair, undefined)).toEqual({ result: { first: undefined, second: undefined }, problems: [] });
  });

  it('does not answer for keys that every object has', () => {
    for (const stranger of ['{"__proto__": 1}', '{"constructor": 1}']) {
      expect(reading(pair, JSON.parse(stranger)).problems).toEqual([
        expect.stringMatching(/^option must be a plain object with some of the keys first, second, not \["\w+"\]/),
      ]);
    }
  });

  it('goes on after a getter that throws, so that the other problems are found, too', () => {
    const { result, problems } = reading(pair, {
      get first() {
        throw new Error('no');
      },
      second: 2,
      third: 3,
    });
    expect(result.second).toBe(2);
    expect(problems).toEqual([
      expect.stringMatching(/keys first, second, not \["third"\]/),
      expect.stringMatching(/^option\.first throws when it is read/),
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
    expect(reading(pair, value).result.first).toBe(1);
    expect(asked).toEqual(new Set([Symbol.toStringTag, 'first', 'second']));
  });

  it('does not fill the log with the keys of a text that was spread', () => {
    const [problem = ''] = reading(pair, Object.assign({}, 'x'.repeat(10_000))).problems;
    expect(problem.length).toBeLessThan(400);
  });
});

describe('readOptions', () => {
  it('completes the options also when there are problems, and reports those that show only then', () => {
    const run = () =>
      readOptions(pair, { first: -1 }, ({ second = 5 }, problems) => {
        problems.push(`second is ${second}.`);
      });
    expect(problemsOf(run)).toEqual([expect.stringMatching(/^first /), 'second is 5.']);
  });
});

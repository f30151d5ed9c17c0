import { describe, expect, it } from 'vitest';
import { Problems } from '../../src/configuration/problems.ts';
import { readText } from '../../src/configuration/read-text.ts';
import { problemsOf } from './problems-of.ts';

const read = (value: unknown, findFault?: (text: string) => string | undefined) => {
  const problems = new Problems();
  const text = readText({ value, label: 'clientSecret' }, problems, findFault);
  return { text, problems: problemsOf(() => problems.throwIfAny()) };
};

describe('readText', () => {
  it.each(['x', 'two words', 'pässword', '密码', '😀', '\u200b', 'a'.repeat(100_000)])(
    'leaves a usable text as it is',
    (text) => {
      expect(read(text)).toEqual({ text, problems: [] });
    },
  );

  it.each([
    ['hunter2\n', /white space/],
    ['\ufeffhunter2', /white space/],
    ['hunter2\u00a0', /white space/],
    ['hunter\t2', /control characters/],
    ['hunter\u0085two', /control characters/],
    ['hunter\udfff2', /lone surrogates/],
    ['', /empty/],
    [' \n', /white space/],
    [undefined, /missing/],
    [null, /must be a string/],
    [new String('hunter2'), /must be a string/],
  ])('does not send %j, and tells why without showing it', (value, problem) => {
    const { text, problems } = read(value);
    expect(text).toBe('');
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems.join()).not.toContain('hunter');
  });

  it('says the same wherever in a secret the fault is, so that the message tells nothing about it', () => {
    const faults = ['\u0001secret', 'se\u0001cret', 'se\u0002cret', 'secr\u0001et-longer'].map(
      (text) => read(text).problems,
    );
    expect(new Set(faults.map((problems) => problems.join())).size).toBe(1);
  });

  it('asks for what else may be wrong only once the text is one', () => {
    const asked: string[] = [];
    const findFault = (text: string) => {
      asked.push(text);
      return 'is refused: mend it';
    };
    expect(read('fine', findFault).problems).toEqual(['clientSecret is refused: mend it.']);
    read('', findFault);
    read(1, findFault);
    expect(asked).toEqual(['fine']);
  });
});

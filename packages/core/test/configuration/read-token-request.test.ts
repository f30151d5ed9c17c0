import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problems } from '../../src/configuration/problems.ts';
import { readTokenRequest } from '../../src/configuration/read-token-request.ts';
import { problemsOf } from './problems-of.ts';

const read = (value: unknown) => {
  const problems = new Problems();
  const settings = readTokenRequest({ value, label: 'tokenRequest' }, problems);
  return { settings, problems: problemsOf(() => problems.throwIfAny()) };
};

describe('readTokenRequest', () => {
  it('lets the default timeout give way to a shorter wait', () => {
    expect(read({ maxWaitMs: 3_000 })).toMatchObject({
      settings: { timeoutMs: 3_000, maxWaitMs: 3_000 },
      problems: [],
    });
    expect(read({ maxWaitMs: 60_000 }).settings.timeoutMs).toBe(10_000);
  });

  it('calls only what was asked for a contradiction, not what it says against a default', () => {
    expect(read({ maxWaitMs: 1_000 }).problems).toEqual([]);
    expect(read({ timeoutMs: 60_000 }).problems).toEqual([]);
    expect(read({ minIntervalMs: 60_000 }).problems).toEqual([]);
    expect(read({ minIntervalMs: 1_000, maxWaitMs: 1_000, timeoutMs: 1_000 }).problems).toEqual([]);
    expect(read({ minIntervalMs: 1_001, maxWaitMs: 1_000, timeoutMs: 1_001 }).problems).toHaveLength(2);
  });

  it('does not call a number that is wrong itself a contradiction as well', () => {
    expect(read({ timeoutMs: Number.POSITIVE_INFINITY, maxWaitMs: 1_000 }).problems).toHaveLength(1);
  });

  it('sends each scope that RFC 6749 allows, and no other', () => {
    const token = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 1,
    });
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 5 }), (tokens) => {
        const scope = tokens.join(' ');
        expect(read({ scope }).problems.length).toBe(/["\\]/.test(scope) ? 1 : 0);
      }),
    );
    for (const scope of ['a  b', ' a', 'a ', 'a\tb', 'a\u00e9', '']) expect(read({ scope }).problems).toHaveLength(1);
  });
});

import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { InstellixClientOptions } from '../../src/configuration/instellix-client-options.ts';
import { resolveConfiguration } from '../../src/configuration/resolve-configuration.ts';
import { problemsOf } from './problems-of.ts';
import { clearVariables, setVariables } from './variables.ts';

beforeEach(clearVariables);

const valid = { environment: 'sandbox', realm: 'acme', clientId: 'id', clientSecret: 'secret' } as const;
const resolve = (tokenRequest: InstellixClientOptions['tokenRequest'] & object) =>
  resolveConfiguration({ ...valid, tokenRequest }).tokenRequest;
const problemsWith = (tokenRequest: InstellixClientOptions['tokenRequest'] & object) =>
  problemsOf(() => resolve(tokenRequest));

describe('tokenRequest', () => {
  it('accepts a maxWaitMs below minIntervalMs and timeoutMs, which stay what they are', () => {
    expect(resolve({ maxWaitMs: 1_000 })).toMatchObject({ timeoutMs: 10_000, minIntervalMs: 5_500, maxWaitMs: 1_000 });
    const given = { timeoutMs: 60_000, minIntervalMs: 50_000, maxWaitMs: 1 };
    expect(resolve(given)).toMatchObject(given);
    expect(resolve({ timeoutMs: 60_000 })).toMatchObject({ timeoutMs: 60_000, maxWaitMs: 30_000 });
  });

  it.each(['timeoutMs', 'minIntervalMs'] as const)('accepts a %s of an hour and no more', (key) => {
    expect(resolve({ [key]: 3_600_000 })[key]).toBe(3_600_000);
    expect(problemsWith({ [key]: 3_600_001 })).toEqual([expect.stringMatching(/ to 3600000, not 3600001\.$/)]);
  });

  it('reports a number that is wrong once', () => {
    expect(problemsWith({ timeoutMs: Number.POSITIVE_INFINITY, maxWaitMs: 1_000 })).toHaveLength(1);
  });

  it('accepts each scope that RFC 6749 allows, and no other', () => {
    const token = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 1,
    });
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 5 }), (tokens) => {
        const scope = tokens.join(' ');
        expect(problemsWith({ scope }).length).toBe(/["\\]/.test(scope) ? 1 : 0);
      }),
    );
    for (const scope of ['a  b', ' a', 'a ', 'a\tb', 'a\u00e9', '']) expect(problemsWith({ scope })).toHaveLength(1);
  });
});

describe('INSTELLIX_MIN_INTERVAL_MS', () => {
  it.each([
    ['0', 0],
    ['250', 250],
    ['3600000', 3_600_000],
    ['007', 7],
  ])('sets minIntervalMs to %s', (value, ms) => {
    setVariables({ INSTELLIX_MIN_INTERVAL_MS: value });
    expect(resolve({}).minIntervalMs).toBe(ms);
  });

  it('counts as not set when it is empty', () => {
    setVariables({ INSTELLIX_MIN_INTERVAL_MS: '' });
    expect(resolve({}).minIntervalMs).toBe(5_500);
  });

  it.each(['-1', '1.5', '1e3', '0x10', ' 5', '5 ', '5s', 'NaN', 'Infinity', 'planted', '3600001', '9'.repeat(20)])(
    'is refused when it is %j, without being shown unless it is a number',
    (value) => {
      setVariables({ INSTELLIX_MIN_INTERVAL_MS: value });
      const problems = problemsWith({});
      expect(problems).toEqual([
        expect.stringMatching(
          /^tokenRequest\.minIntervalMs \(variable INSTELLIX_MIN_INTERVAL_MS\) must be a number from 0 to 3600000/,
        ),
      ]);
      expect(problems.join()).not.toContain('planted');
    },
  );

  it('is not read beside the option, however absurd it is', () => {
    for (const value of ['250', 'soon']) {
      setVariables({ INSTELLIX_MIN_INTERVAL_MS: value });
      expect(resolve({ minIntervalMs: 0 }).minIntervalMs).toBe(0);
    }
  });

  it('does not hide a wrong option', () => {
    setVariables({ INSTELLIX_MIN_INTERVAL_MS: '250' });
    expect(problemsWith({ minIntervalMs: -1 })).toEqual([
      'tokenRequest.minIntervalMs must be a number from 0 to 3600000, not -1.',
    ]);
  });
});

import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { InstellixClientOptions } from '../../src/configuration/instellix-client-options.ts';
import { resolveConfiguration } from '../../src/configuration/resolve-configuration.ts';
import { problemsOf } from './problems-of.ts';
import { clearVariables } from './variables.ts';

beforeEach(clearVariables);

const valid = { environment: 'sandbox', realm: 'acme', clientId: 'id', clientSecret: 'secret' } as const;
const resolve = (tokenRequest: InstellixClientOptions['tokenRequest'] & object) =>
  resolveConfiguration({ ...valid, tokenRequest }).tokenRequest;
const problemsWith = (tokenRequest: InstellixClientOptions['tokenRequest'] & object) =>
  problemsOf(() => resolve(tokenRequest));

describe('tokenRequest', () => {
  it('lets the default timeout give way to a shorter wait', () => {
    expect(resolve({ maxWaitMs: 3_000 })).toMatchObject({ timeoutMs: 3_000, maxWaitMs: 3_000 });
    expect(resolve({ maxWaitMs: 60_000 }).timeoutMs).toBe(10_000);
  });

  it('lets nobody ask for a timeout or an interval that no caller lives to see', () => {
    expect(problemsWith({ maxWaitMs: 1_000 })).toEqual([]);
    expect(problemsWith({ minIntervalMs: 1_000, maxWaitMs: 1_000, timeoutMs: 1_000 })).toEqual([]);
    expect(problemsWith({ timeoutMs: 60_000 })).toHaveLength(1);
    expect(problemsWith({ minIntervalMs: 60_000 })).toHaveLength(1);
    expect(problemsWith({ minIntervalMs: 60_000, maxWaitMs: 60_000 })).toEqual([]);
  });

  it('does not call a number that is wrong itself a contradiction as well', () => {
    expect(problemsWith({ timeoutMs: Number.POSITIVE_INFINITY, maxWaitMs: 1_000 })).toHaveLength(1);
  });

  it('sends each scope that RFC 6749 allows, and no other', () => {
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

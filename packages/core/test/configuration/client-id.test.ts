import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { resolveConfiguration } from '../../src/configuration/resolve-configuration.ts';
import { problemsOf } from './problems-of.ts';
import { clearVariables } from './variables.ts';

beforeEach(clearVariables);

const resolve = (clientId: string, basicEncoding: 'raw' | 'form') =>
  resolveConfiguration({
    environment: 'sandbox',
    realm: 'acme',
    clientId,
    clientSecret: 'secret',
    tokenRequest: { basicEncoding },
  });

it('refuses an id with a colon, at which a server would split the pair of id and secret', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom('a:b', ':a', 'a:')), fc.string(), (id, secret) => {
      fc.pre(problemsOf(() => resolve(id, 'raw')).length === 0);
      const pair = `${resolve(id, 'raw').clientId}:${secret}`;
      expect(pair.slice(0, pair.indexOf(':'))).toBe(id);
    }),
  );
});

it('names basicEncoding form as the way to use an id with a colon', () => {
  expect(problemsOf(() => resolve('tenant:id', 'raw'))).toEqual([
    expect.stringMatching(/^clientId .*colon.*basicEncoding is form/),
  ]);
  expect(resolve('tenant:id', 'form').clientId).toBe('tenant:id');
});

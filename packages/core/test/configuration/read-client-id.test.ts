import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Problems } from '../../src/configuration/problems.ts';
import { readClientId } from '../../src/configuration/read-client-id.ts';
import { problemsOf } from './problems-of.ts';

const read = (value: unknown, encoding: 'raw' | 'form') => {
  const problems = new Problems();
  const clientId = readClientId({ value, label: 'clientId' }, encoding, problems);
  return { clientId, problems: problemsOf(() => problems.throwIfAny()) };
};

it('takes no id that a server would split from the secret at the wrong place', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom('a:b', ':a', 'a:')), fc.string(), (id, secret) => {
      const { clientId, problems } = read(id, 'raw');
      fc.pre(problems.length === 0);
      const pair = `${clientId}:${secret}`;
      expect(pair.slice(0, pair.indexOf(':'))).toBe(id);
    }),
  );
});

it('refuses a colon with a way out: the other encoding', () => {
  expect(read('tenant:id', 'raw')).toEqual({
    clientId: '',
    problems: [expect.stringMatching(/colon.*basicEncoding to form/)],
  });
  expect(read('tenant:id', 'form')).toEqual({ clientId: 'tenant:id', problems: [] });
});

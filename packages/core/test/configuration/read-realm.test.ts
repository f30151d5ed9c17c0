import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Problems } from '../../src/configuration/problems.ts';
import { readRealm } from '../../src/configuration/read-realm.ts';
import { problemsOf } from './problems-of.ts';

const read = (value: unknown) => {
  const problems = new Problems();
  const realm = readRealm({ value, label: 'realm' }, problems);
  return { realm, isUsable: problemsOf(() => problems.throwIfAny()).length === 0 };
};

const unit = fc.oneof(
  fc.constantFrom('.', '/', '\\', '%', '2', 'e', 'F', '?', '#', ';', '@', ':', '\u2028'),
  fc.string(),
);

it('takes no realm that would leave its place in the path of the token URL', () => {
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 6 }), (parts) => {
      const { realm, isUsable } = read(parts.join(''));
      if (!isUsable) return;
      const url = new URL(`https://api.example.com/${encodeURIComponent(realm)}/oauth2/token`);
      expect(url.host + url.search + url.hash).toBe('api.example.com');
      const [, segment = '', ...rest] = url.pathname.split('/');
      expect(rest).toEqual(['oauth2', 'token']);
      expect(decodeURIComponent(segment)).toBe(parts.join(''));
      // Some servers decode twice.
      expect(decodeURIComponent(segment)).not.toMatch(/%(2e|2f|5c)/i);
    }),
    { numRuns: 5_000 },
  );
});

it.each(['acme', 'Acme Corp', 'bäckerei', '😀', '...', '100%', 'a'.repeat(255)])(
  'takes the realm %j as it is',
  (realm) => {
    expect(read(realm)).toEqual({ realm, isUsable: true });
  },
);

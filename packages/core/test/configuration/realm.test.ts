import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { resolveConfiguration } from '../../src/configuration/resolve-configuration.ts';
import { problemsOf } from './problems-of.ts';
import { clearVariables } from './variables.ts';

beforeEach(clearVariables);

const resolve = (realm: string) =>
  resolveConfiguration({ environment: 'sandbox', realm, clientId: 'id', clientSecret: 'secret' });

const unit = fc.oneof(
  fc.constantFrom('.', '/', '\\', '%', '2', 'e', 'F', '?', '#', ';', '@', ':', '\u2028'),
  fc.string(),
);

it('accepts no realm that would leave its path segment of the token URL', () => {
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 6 }), (parts) => {
      const realm = parts.join('');
      if (problemsOf(() => resolve(realm)).length > 0) return;
      const url = resolve(realm).environment.tokenUrl;
      expect(url.host + url.search + url.hash).toBe('api.sandbox.instellix.io');
      const [, segment = '', ...rest] = url.pathname.split('/');
      expect(rest).toEqual(['oauth2', 'token']);
      expect(decodeURIComponent(segment)).toBe(realm);
      // Some servers decode twice.
      expect(decodeURIComponent(segment)).not.toMatch(/%(2e|2f|5c)/i);
    }),
    { numRuns: 5_000 },
  );
});

it.each(['acme', 'Acme Corp', 'bäckerei', '😀', '...', '100%', 'a'.repeat(255)])(
  'accepts the realm %j unchanged',
  (realm) => {
    expect(resolve(realm).realm).toBe(realm);
  },
);

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBearerChallenge } from '../../src/refusal/read-bearer-challenge.ts';

describe('readBearerChallenge', () => {
  test.each([
    ['a quoted scope', 'Bearer scope="a"', 'a'],
    ['whitespace around the equals sign', 'bearer realm="x", scope = "a b"', 'a b'],
    ['no whitespace after a comma', 'Bearer error="insufficient_scope",scope="a:b/c"', 'a:b/c'],
    ['an unquoted scope', 'Bearer scope=orders:read', 'orders:read'],
    ['an unquoted scope before other parameters', 'Bearer scope=orders.read, error=insufficient_scope', 'orders.read'],
    ['an unquoted scope of token characters', "Bearer scope=!#$%&'*+-.^_`|~09azAZ", "!#$%&'*+-.^_`|~09azAZ"],
    ['whitespace around an unquoted scope', 'Bearer scope \t=\t a ,error="x"', 'a'],
    ['a quoted scope with escapes', 'Bearer scope="orders\\:\\read"', 'orders:read'],
    ['escaped quotes in another parameter', 'Bearer realm="say \\"scope=b\\"", scope="a"', 'a'],
    ['an escaped backslash at the end of a parameter', 'Bearer realm="x\\\\", scope="a"', 'a'],
    ['names in any letter case', 'BEARER SCOPE="a"', 'a'],
    ['another challenge before it', 'Basic realm="x", Bearer scope="a"', 'a'],
    ['a Bearer challenge that is quoted in another', 'Basic realm="a, Bearer scope=\\"b\\"", Bearer scope="c"', 'c'],
    ['another challenge after it', 'Bearer scope="a", Basic scope="b"', 'a'],
    ['a challenge with its scope before it', 'Digest scope="b", Bearer scope="a"', 'a'],
    ['a token68 before it', 'Negotiate TlRMTVNTUAACAAAA==, Bearer scope="a"', 'a'],
    ['a token68 with slashes before it', 'Negotiate a/b+c==, Bearer scope="a"', 'a'],
    ['a token68 without padding before it', 'Negotiate abcd, Bearer scope="a"', 'a'],
    ['several Bearer challenges, of which the second has it', 'Bearer realm="x", Bearer scope="a"', 'a'],
    ['several challenges without parameters', 'Negotiate, NTLM, Bearer scope="a"', 'a'],
    ['empty list elements', ' , ,Bearer ,scope="a"', 'a'],
  ])('finds the access rights with %s', (_, header, scope) => {
    expect(readBearerChallenge(header).scope).toBe(scope);
  });

  test.each([
    ['no header', null],
    ['an empty header', ''],
    ['no parameters', 'Bearer'],
    ['an empty scope', 'Bearer scope=""'],
    ['no value', 'Bearer scope='],
    ['no name', 'Bearer ="a"'],
    ['the word as a value', 'Bearer realm="scope"'],
    ['the word within a value', 'Bearer realm="x, scope=a"'],
    ['a parameter whose name ends with it', 'Bearer noscope="a"'],
    ['a parameter whose name starts with it', 'Bearer scope2="a"'],
    ['a quote in the scope', 'Bearer scope="a\\"b"'],
    ['a backslash in the scope', 'Bearer scope="a\\\\b"'],
    ['two spaces in the scope', 'Bearer scope="a  b"'],
    ['characters beyond ASCII', 'Bearer scope="\u00e4"'],
    ['a control character', 'Bearer scope="a\tb"'],
    ['a quotation that does not end', 'Bearer scope="a'],
    ['a quotation that ends with a backslash', 'Bearer scope="a\\'],
    ['another scheme', 'Digest scope="a"'],
    ['a scheme whose name ends with Bearer', 'NotBearer scope="a"'],
    ['a scheme whose name starts with Bearer', 'Bearer2 scope="a"'],
    ['a scope of more than 300 characters', `Bearer scope="${'a'.repeat(301)}"`],
    ['a scope after 8 KiB', `Bearer ${' ,'.repeat(4_200)}scope="a"`],
  ])('finds none with %s', (_, header) => {
    expect(readBearerChallenge(header).scope).toBeUndefined();
  });

  test('reads what RFC 9110 allows in any combination', () => {
    const token = fc.stringMatching(/^[\w!#$%&'*+.^`|~-]{1,8}$/);
    const spaces = fc.stringMatching(/^[ \t]{0,2}$/);
    const quote = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
    const parameter = fc
      .tuple(
        token.filter((name) => name.toLowerCase() !== 'scope'),
        spaces,
        spaces,
        fc.oneof(token, fc.stringMatching(/^[ !-~]{0,12}$/).map(quote)),
      )
      .map(([name, before, after, value]) => `${name}${before}=${after}${value}`);
    const scheme = token.filter((name) => name.toLowerCase() !== 'bearer');
    const other = fc
      .tuple(scheme, fc.array(parameter, { minLength: 1, maxLength: 3 }))
      .map(([name, parameters]) => `${name} ${parameters.join(', ')}`);
    const rights = fc.array(fc.stringMatching(/^[!#-[\]-~]{1,10}$/), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(other), fc.array(parameter), rights, fc.array(other), (before, parameters, scope, after) => {
        const bearer = `Bearer ${[...parameters, `scope=${quote(scope.join(' '))}`].join(', ')}`;
        expect(readBearerChallenge([...before, bearer, ...after].join(', ')).scope).toBe(scope.join(' '));
      }),
    );
  });

  test('returns nothing but a list of access rights for any header', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const header of [text, `Bearer ${text}`, `Bearer scope="${text}`, `Bearer scope="${text}"`]) {
          expect(readBearerChallenge(header).scope ?? 'a').toMatch(/^[!#-[\]-~]+( [!#-[\]-~]+)*$/);
        }
      }),
    );
  });
});

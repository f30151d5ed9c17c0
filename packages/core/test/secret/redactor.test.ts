import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../src/secret/redactor.ts';
import { anyText } from '../endpoint/any-text.ts';

describe('a redactor', () => {
  test('leaves no secret in any string, whatever characters both consist of', () => {
    // Without the characters of the marker, because redacted strings contain it.
    const secret = anyText({ minLength: 1, maxLength: 8 }).filter((text) => !/[[\]redact]/.test(text));
    const surroundings = anyText({ maxLength: 8 });
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.array(surroundings), (secrets, between) => {
        const redact = createRedactor(secrets);
        const text = between.flatMap((part, i) => [part, secrets[i % secrets.length] ?? '']).join('');
        for (const one of secrets) expect(redact(text)).not.toContain(one);
      }),
    );
  });

  test('does not change a string without secrets', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(createRedactor(['\u2603', ''])(text)).toBe(text);
      }),
    );
  });

  test('replaces a secret that contains another one as a whole', () => {
    expect(createRedactor(['ab', 'abc', 'xab'])('1 abc 2 ab 3 xab')).toBe('1 [redacted] 2 [redacted] 3 [redacted]');
  });

  test('replaces a secret that is part of the marker once', () => {
    expect(createRedactor(['red'])('red blue')).toBe('[redacted] blue');
  });

  test('matches the characters of a secret literally', () => {
    const secret = '.*+?^$()|{}[]\\/-$&';
    expect(createRedactor([secret])(`a ${secret} b`)).toBe('a [redacted] b');
    expect(createRedactor(['a.c'])('abc')).toBe('abc');
  });

  test('finds a secret in JSON', () => {
    const secret = 'a"b\\c\nd';
    expect(createRedactor([secret])(JSON.stringify({ secret }))).toBe('{"secret":"[redacted]"}');
  });

  test.each([
    ['Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', 'Authorization: Basic [redacted]'],
    ['authorization: bearer abcdefghijklmnopq.~+/-_=,', 'authorization: bearer [redacted],'],
    ['{"access_token":"abcdefghijklmnopq","x":1}', '{"access_token":"[redacted]","x":1}'],
    ['access_token = abcdefghijklmnopq', 'access_token = [redacted]'],
    ['Basic authentication failed; Bearer token missing', 'Basic authentication failed; Bearer token missing'],
  ])('%s: redacts what has the position and the length of a credential', (text, redacted) => {
    expect(createRedactor([])(text)).toBe(redacted);
  });

  test('removes the query of a URL', () => {
    expect(createRedactor(['c'])('at https://a.example/b?key=c d')).toBe('at https://a.example/b d');
  });

  test('replaces a secret of any length', () => {
    const secret = 'ab'.repeat(50_000);
    expect(createRedactor([secret])(`before ${secret} after`)).toBe('before [redacted] after');
  });
});

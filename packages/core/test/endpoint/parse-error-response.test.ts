import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseErrorResponse } from '../../src/endpoint/parse-error-response.ts';
import { createRedactor } from '../../src/secret/redactor.ts';
import { anyText } from './any-text.ts';

const redact = createRedactor(['planted secret']);
const parse = (response: unknown) => parseErrorResponse(new TextEncoder().encode(JSON.stringify(response)), redact);

describe('parseErrorResponse', () => {
  test('returns code and description', () => {
    expect(parse({ error: 'invalid_scope', error_description: 'No such scope' })).toEqual({
      oauthError: 'invalid_scope',
      description: 'invalid_scope: No such scope',
    });
  });

  test('returns what is present', () => {
    expect(parse({ error: 'x' })).toEqual({ oauthError: 'x', description: 'x' });
    expect(parse({ error_description: 'Zugriff verweigert: "ü"' })).toEqual({
      description: 'Zugriff verweigert: "ü"',
    });
    expect(parse({})).toEqual({ description: '' });
    expect(parse({ error: 'x', error_description: ' \n ' })).toEqual({ oauthError: 'x', description: 'x' });
    expect(parse(['x'])).toStrictEqual({ description: '' });
    expect(parse({ error_description: '\t in  between \n' })).toEqual({ description: 'in between' });
    expect(parseErrorResponse(undefined, redact)).toEqual({ description: '' });
    expect(parseErrorResponse(new TextEncoder().encode('<html>planted</html>'), redact)).toEqual({ description: '' });
  });

  test.each(['', 'with space', 'with"quote', 'with\\backslash', 'ünicode', 'line\n', 'x'.repeat(81)])(
    'does not accept %j as a code',
    (error) => {
      expect(parse({ error })).toEqual({ description: '' });
    },
  );

  test('does not accept a secret as a code', () => {
    const bytes = new TextEncoder().encode('{"error":"planted"}');
    expect(parseErrorResponse(bytes, createRedactor(['planted']))).toEqual({ description: '' });
  });

  test('returns one line of at most 200 characters, without control characters', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 300 }), (error_description) => {
        const { description } = parse({ error_description });
        expect(description).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]| {2}/u);
        expect([...description].length).toBeLessThanOrEqual(200);
      }),
    );
    expect(parse({ error_description: 'a\u001b[31m\u202eb\r\n\tc\u200b' }).description).toBe('a [31m b c');
  });

  test('does not split a surrogate pair', () => {
    expect(parse({ error_description: '😀'.repeat(300) }).description).toBe('😀'.repeat(200));
  });

  test.each([
    ['whole', 'planted secret'],
    ['broken over lines', 'planted\n\tsecret'],
    ['across the cut', `${'x'.repeat(195)} planted secret`],
    ['in pieces that removing control characters joins', 'planted\u0000secret'],
  ])('shows no part of a secret that is quoted: %s', (_, error_description) => {
    expect(parse({ error_description }).description).not.toMatch(/plan|secret/);
  });

  test('redacts a secret with whitespace before whitespace is replaced', () => {
    const bytes = new TextEncoder().encode(JSON.stringify({ error_description: 'You sent planted\t  secret.' }));
    expect(parseErrorResponse(bytes, createRedactor(['planted\t  secret'])).description).toBe('You sent [redacted].');
  });

  test('shows no part of a secret that is longer than a description, or that stands where it is cut', () => {
    for (const secret of ['s'.repeat(65), 's'.repeat(5_000)]) {
      for (const spaces of [0, 3_960]) {
        const bytes = new TextEncoder().encode(JSON.stringify({ error_description: ' '.repeat(spaces) + secret }));
        expect(parseErrorResponse(bytes, createRedactor([secret])).description).toBe('[redacted]');
      }
    }
  });

  test('does not read fields of Object.prototype', () => {
    const prototype = Object.prototype as { error?: string };
    prototype.error = 'polluted';
    try {
      expect(parse({})).toEqual({ description: '' });
    } finally {
      delete prototype.error;
    }
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseErrorAnswer } from '../../src/endpoint/parse-error-answer.ts';
import { createRedactor } from '../../src/secret/redactor.ts';
import { anyText } from './any-text.ts';

const redact = createRedactor(['planted secret']);
const parse = (answer: unknown) => parseErrorAnswer(new TextEncoder().encode(JSON.stringify(answer)), redact);

describe('an error answer', () => {
  test('gives code and description', () => {
    expect(parse({ error: 'invalid_scope', error_description: 'No such scope' })).toEqual({
      oauthError: 'invalid_scope',
      says: ' (it says: invalid_scope: No such scope)',
    });
  });

  test('gives what is there', () => {
    expect(parse({ error: 'x' })).toEqual({ oauthError: 'x', says: ' (it says: x)' });
    expect(parse({ error_description: 'Zugriff verweigert: "ü"' })).toEqual({
      says: ' (it says: Zugriff verweigert: "ü")',
    });
    expect(parse({})).toEqual({ says: '' });
    expect(parse({ error: 'x', error_description: ' \n ' })).toEqual({ oauthError: 'x', says: ' (it says: x)' });
    expect(parse(['x'])).toEqual({ says: '' });
    expect(parseErrorAnswer(undefined, redact)).toEqual({ says: '' });
    expect(parseErrorAnswer(new TextEncoder().encode('<html>planted</html>'), redact)).toEqual({ says: '' });
  });

  test.each(['', 'with space', 'with"quote', 'with\\backslash', 'ünicode', 'line\n', 'x'.repeat(81)])(
    'takes %j for no code, so that nobody branches on it',
    (error) => {
      expect(parse({ error })).toEqual({ says: '' });
    },
  );

  test('takes a secret for no code, although it has the form of one', () => {
    const answer = new TextEncoder().encode('{"error":"planted"}');
    expect(parseErrorAnswer(answer, createRedactor(['planted']))).toEqual({ says: '' });
  });

  test('is one line that no terminal acts upon, of a length that a log can bear', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 300 }), (error_description) => {
        const { says } = parse({ error_description });
        expect(says).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]| {2}/u);
        expect([...says].length).toBeLessThanOrEqual(200 + ' (it says: )'.length);
      }),
    );
    expect(parse({ error_description: 'a\u001b[31m\u202eb\r\n\tc\u200b' }).says).toBe(' (it says: a [31m b c)');
  });

  test('cuts no character in two', () => {
    expect(parse({ error_description: '😀'.repeat(300) }).says).toBe(` (it says: ${'😀'.repeat(200)})`);
  });

  test.each([
    ['whole', 'planted secret'],
    ['broken over lines', 'planted\n\tsecret'],
    ['across the cut', `${'x'.repeat(195)} planted secret`],
    ['in pieces that only cleaning puts together', 'planted\u0000secret'],
  ])('shows no part of a secret that is quoted %s', (_, error_description) => {
    expect(parse({ error_description }).says).not.toMatch(/plan|secret/);
  });

  test('shows no secret whose own characters cleaning would change, and so hide from the redactor', () => {
    const answer = new TextEncoder().encode(JSON.stringify({ error_description: 'You sent planted\t  secret.' }));
    expect(parseErrorAnswer(answer, createRedactor(['planted\t  secret'])).says).toBe(
      ' (it says: You sent [redacted].)',
    );
  });
});

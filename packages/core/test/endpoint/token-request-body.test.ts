import fc from 'fast-check';
import { Response as UndiciResponse } from 'undici';
import { describe, expect, test } from 'vitest';
import { createTokenRequestBody } from '../../src/endpoint/token-request-body.ts';

// Its types differ from the platform's.
const OtherResponse = UndiciResponse as unknown as typeof Response;

const scopeToken = fc.stringMatching(/^[!#-[\]-~]{1,20}$/);
const scope = fc.oneof(
  fc.array(scopeToken, { minLength: 1, maxLength: 4 }).map((tokens) => tokens.join(' ')),
  fc.constantFrom(
    '--instellix-token-request',
    'instellix-token-request--',
    '--instellix-token-request --instellix-token-request-1',
    '--',
    '&=+%',
  ),
);

async function parse(format: 'multipart' | 'urlencoded', value: string | undefined, parser = Response) {
  const { contentType, content } = createTokenRequestBody(format, value);
  return [...(await new parser(content, { headers: { 'content-type': contentType } }).formData())];
}

describe('a multipart body', () => {
  test('is a string with the bytes that curl --form sends', () => {
    expect(createTokenRequestBody('multipart', 'a:read b')).toEqual({
      contentType: 'multipart/form-data; boundary=instellix-token-request',
      content: [
        '--instellix-token-request',
        'Content-Disposition: form-data; name="grant_type"',
        '',
        'client_credentials',
        '--instellix-token-request',
        'Content-Disposition: form-data; name="scope"',
        '',
        'a:read b',
        '--instellix-token-request--',
        '',
      ].join('\r\n'),
    });
  });

  test('has no scope unless there is one', async () => {
    expect(await parse('multipart', undefined)).toEqual([['grant_type', 'client_credentials']]);
  });

  test('is never split by its scope', () => {
    const { contentType, content } = createTokenRequestBody('multipart', '--instellix-token-request');
    expect(contentType).toBe('multipart/form-data; boundary=instellix-token-request-1');
    expect(content.match(/^--instellix-token-request-1(?:--)?\r$/gm)).toHaveLength(3);
    const next = createTokenRequestBody('multipart', 'instellix-token-request-1');
    expect(next.contentType).toBe('multipart/form-data; boundary=instellix-token-request-2');
  });
});

test('an urlencoded body is a string as RFC 6749 specifies', () => {
  expect(createTokenRequestBody('urlencoded', 'a:read b&c')).toEqual({
    contentType: 'application/x-www-form-urlencoded',
    content: 'grant_type=client_credentials&scope=a%3Aread+b%26c',
  });
  expect(createTokenRequestBody('urlencoded', undefined).content).toBe('grant_type=client_credentials');
});

test.each([
  ['multipart', 'the platform', Response],
  ['multipart', 'undici', OtherResponse],
  ['urlencoded', 'the platform', Response],
  ['urlencoded', 'undici', OtherResponse],
] as const)('a %s body with any scope is parsed by %s', async (format, _, parser) => {
  await fc.assert(
    fc.asyncProperty(scope, async (value) => {
      expect(await parse(format, value, parser)).toEqual([
        ['grant_type', 'client_credentials'],
        ['scope', value],
      ]);
    }),
  );
});

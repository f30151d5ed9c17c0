import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isInstellixError } from '../../src/error/instellix-error.ts';
import { describeRefusal, rememberContext } from '../../src/refusal/describe-refusal.ts';
import { readRequiredScope } from '../../src/refusal/required-scope.ts';

const answer = (status: number, challenge?: string) =>
  new Response(null, { status, ...(challenge !== undefined && { headers: { 'www-authenticate': challenge } }) });

describe('describeRefusal', () => {
  test('names the access right that the API asks for, so that the reader knows which role to ask for', () => {
    const error = describeRefusal(answer(403, 'Bearer error="insufficient_scope", scope="orders:read orders:write"'));
    expect(error).toMatchObject({
      code: 'insufficient_scope',
      requiredScope: 'orders:read orders:write',
      retryable: false,
    });
    expect(error?.message).toContain('lacks `orders:read orders:write`. Ask someone with the portal role');
  });

  test('falls back on the access right that the caller declared', () => {
    const error = describeRefusal(answer(403), { requiredScope: 'orders:read', subject: 'realm "acme"' });
    expect(error?.requiredScope).toBe('orders:read');
    expect(error?.message).toContain('for realm "acme"');
  });

  test('says what to do even when nobody names the access right', () => {
    expect(describeRefusal(answer(403))?.message).toContain('lacks the access right of this operation. Ask someone');
  });

  test('knows the call from the response alone when client.fetch has made it', () => {
    const response = answer(401);
    rememberContext(response, { subject: 'realm "acme"' });
    expect(describeRefusal(response)).toMatchObject({ code: 'token_rejected', retryable: true });
    expect(describeRefusal(response)?.message).toContain('realm "acme"');
  });

  test.each([200, 204, 302, 400, 404, 407, 429, 500])('takes %i for no refusal', (status) => {
    expect(describeRefusal(answer(status))).toBeUndefined();
  });

  test('survives any header, and no junk of it reaches the message', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (error, scope) => {
        const headers = { get: () => `Bearer error="${error}", scope="${scope}"` };
        const refusal = describeRefusal({ status: 403, headers });
        expect(isInstellixError(refusal)).toBe(true);
        expect(refusal?.message).toMatch(/^[ -~]*$/);
      }),
    );
  });
});

describe('readRequiredScope', () => {
  test.each([
    ['Bearer scope="a"', 'a'],
    ['bearer realm="x", scope = "a b"', 'a b'],
    ['Bearer error="insufficient_scope",scope="a:b/c"', 'a:b/c'],
    ['Basic realm="a, Bearer scope=\\"b\\"", Bearer scope="c"', 'c'],
    ['Bearer scope="a", Basic scope="b"', 'a'],
    ['Basic realm="x", Bearer scope="a"', 'a'],
  ])('finds the access rights in %s', (header, scope) => {
    expect(readRequiredScope(header)).toBe(scope);
  });

  test.each([
    null,
    '',
    'Bearer',
    'Bearer scope=""',
    'Bearer realm="scope"',
    'Bearer noscope="a"',
    'Bearer scope="a\\"b"',
    'Bearer scope="\u00e4"',
    'Digest scope="a"',
    'NotBearer scope="a"',
    `Bearer scope="${'a'.repeat(301)}"`,
  ])('finds none in %s', (header) => {
    expect(readRequiredScope(header)).toBeUndefined();
  });

  test('gives up quickly on a header that is made to take long', () => {
    expect(readRequiredScope(`Bearer ${' ,'.repeat(20_000)}`)).toBeUndefined();
  });
});

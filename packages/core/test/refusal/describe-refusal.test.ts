import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isInstellixError } from '../../src/error/instellix-error.ts';
import { parseBearerChallenge } from '../../src/refusal/challenge.ts';
import { describeRefusal, rememberContext } from '../../src/refusal/describe-refusal.ts';

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
    expect(error?.message).toContain('assign a role that holds `orders:read orders:write`');
  });

  test('falls back on the access right that the caller declared', () => {
    const error = describeRefusal(answer(403), { requiredScope: 'orders:read', realm: 'acme', environment: 'sandbox' });
    expect(error?.requiredScope).toBe('orders:read');
    expect(error?.message).toContain('of realm "acme" in environment sandbox');
  });

  test('says what to do even when nobody names the access right', () => {
    expect(describeRefusal(answer(403))?.message).toContain('lacks an access right.');
  });

  test('knows the call from the response alone when client.fetch has made it', () => {
    const response = answer(401);
    rememberContext(response, { realm: 'acme', environment: 'stage' });
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

describe('parseBearerChallenge', () => {
  test.each([
    ['Bearer', {}],
    ['bearer realm="x"', {}],
    ['Bearer error="invalid_token"', { error: 'invalid_token' }],
    ['Bearer error=invalid_token , scope = "a b"', { error: 'invalid_token', scope: 'a b' }],
    ['Basic realm="a, Bearer scope=\\"b\\"", Bearer scope="c"', { scope: 'c' }],
    ['Bearer scope="a", Basic scope="b"', { scope: 'a' }],
    ['Bearer scope="a", scope="b"', { scope: 'a' }],
    ['BEARER SCOPE="a\\"b"', {}],
    ['Bearer scope="a\\-b"', { scope: 'a-b' }],
    ['Bearer scope=""', {}],
  ])('reads %s', (header, challenge) => {
    expect(parseBearerChallenge(header)).toEqual(challenge);
  });

  test.each([null, '', 'Basic realm="Bearer"', 'Digest scope="a"', ',,,', '="'])(
    'finds no Bearer challenge in %s',
    (header) => {
      expect(parseBearerChallenge(header)).toBeUndefined();
    },
  );
});

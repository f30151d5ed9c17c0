import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isInstellixError } from '../../src/error/is-instellix-error.ts';
import { describeRefusal, rememberContext } from '../../src/refusal/describe-refusal.ts';

const respond = (status: number, challenge?: string) =>
  new Response(null, { status, ...(challenge !== undefined && { headers: { 'www-authenticate': challenge } }) });

describe('describeRefusal', () => {
  test('names the access right that the API requires', () => {
    const error = describeRefusal(respond(403, 'Bearer error="insufficient_scope", scope="orders:read orders:write"'));
    expect(error).toMatchObject({
      code: 'insufficient_scope',
      requiredScope: 'orders:read orders:write',
      retryable: false,
    });
    expect(error?.message).toContain('lacks `orders:read orders:write`. Ask someone with the portal role');
  });

  test('uses the access right of the call when the API names none', () => {
    const error = describeRefusal(respond(403), { requiredScope: 'orders:read', subject: 'realm "acme"' });
    expect(error?.requiredScope).toBe('orders:read');
    expect(error?.message).toContain('for realm "acme"');
  });

  test('says what to do when the access right is not known', () => {
    expect(describeRefusal(respond(403))?.message).toContain('lacks the access right of this operation. Ask someone');
  });

  test('shows no query of a URL in its subject', () => {
    const error = describeRefusal(respond(401), {
      subject: 'tokens of https://api.example/token?subscription-key=planted',
    });
    expect(error?.message).toContain('for tokens of https://api.example/token: it rejected');
  });

  test('uses the remembered context of a response', () => {
    const response = respond(401);
    rememberContext(response, { subject: 'realm "acme"' });
    expect(describeRefusal(response)).toMatchObject({ code: 'token_rejected', retryable: true });
    expect(describeRefusal(response)?.message).toContain('realm "acme"');
  });

  test.each([200, 204, 302, 400, 404, 407, 429, 500])('returns undefined for a %i', (status) => {
    expect(describeRefusal(respond(status))).toBeUndefined();
  });

  test('never shows control characters or text beyond ASCII of a header', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (error, scope) => {
        const headers = { get: () => `Bearer error="${error}", scope="${scope}"` };
        const refusal = describeRefusal({ status: 403, headers });
        expect(isInstellixError(refusal)).toBe(true);
        expect(refusal?.message).toMatch(/^[ -~]*$/);
      }),
    );
  });

  test.each<[string, string, string | undefined]>([
    ['the token itself', 'planted-token', 'orders:read'],
    ['the token among others', 'a planted-token b', 'orders:read'],
    ['the token within a right', 'orders:planted-token', 'orders:read'],
    ['another right', 'orders:write', 'orders:write'],
  ])('does not show a token that the API repeats as scope: %s', (_, scope, requiredScope) => {
    const response = respond(403, `Bearer scope="${scope}"`);
    rememberContext(response, { requiredScope: 'orders:read', token: { value: 'planted-token' } });
    expect(describeRefusal(response)?.requiredScope).toBe(requiredScope);
    expect(describeRefusal(response)?.message).toContain(`lacks \`${requiredScope}\``);
  });

  test('does not show such a token when the access right is not known', () => {
    const error = describeRefusal(respond(403, 'Bearer scope=planted-token'), { token: { value: 'planted-token' } });
    expect(error).not.toHaveProperty('requiredScope');
    expect(error?.message).toContain('lacks the access right of this operation.');
  });
});

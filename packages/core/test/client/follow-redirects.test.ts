import { describe, expect, test } from 'vitest';
import { nextHop } from '../../src/client/follow-redirects.ts';

const url = new URL('https://api.instellix.io/customers');
const redirect = (status: number, location?: string) =>
  new Response(null, { status, ...(location !== undefined && { headers: { location } }) });

describe('nextHop', () => {
  test.each([
    [301, 'GET', 'GET', true],
    [301, 'POST', 'GET', false],
    [302, 'POST', 'GET', false],
    [302, 'PUT', 'PUT', true],
    [303, 'PUT', 'GET', false],
    [303, 'HEAD', 'HEAD', true],
    [303, 'GET', 'GET', true],
    [307, 'POST', 'POST', true],
    [308, 'DELETE', 'DELETE', true],
  ])('a %i after %s is followed as the platform follows it, with %s', (status, method, nextMethod, hasBody) => {
    const next = nextHop(redirect(status, '/moved'), { url, method, hasBody: true });
    expect(next).toEqual({ url: new URL('https://api.instellix.io/moved'), method: nextMethod, hasBody });
  });

  test.each([200, 300, 304, 305, 306, 401])('a %i is the answer', (status) => {
    expect(nextHop(redirect(status, '/moved'), { url, method: 'GET', hasBody: true })).toBeUndefined();
  });

  test('a redirect that leads nowhere is the answer', () => {
    expect(nextHop(redirect(302), { url, method: 'GET', hasBody: true })).toBeUndefined();
  });

  test.each(['https://[', 'ftp://files.example/', 'javascript:alert(1)'])(
    'a redirect to %s ends the call',
    (location) => {
      expect(() => nextHop(redirect(302, location), { url, method: 'GET', hasBody: true })).toThrow(TypeError);
    },
  );
});

import { describe, expect, test } from 'vitest';
import type { Hop } from '../../src/client/api-call.ts';
import { nextHop } from '../../src/client/follow-redirects.ts';

const url = new URL('https://api.instellix.io/customers');
const hop = (method: string, headers: HeadersInit = {}): Hop => ({
  url,
  method,
  headers: new Headers(headers),
  hasBody: true,
});

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
    const next = nextHop(status, '/moved', hop(method, { 'content-type': 'text/plain', 'x-kept': '1' }));
    expect(next).toMatchObject({ url: new URL('https://api.instellix.io/moved'), method: nextMethod, hasBody });
    expect([...next.headers.keys()]).toEqual(hasBody ? ['content-type', 'x-kept'] : ['x-kept']);
  });

  test.each([
    ['https://other.example/', false],
    ['http://api.instellix.io/', false],
    ['https://api.instellix.io:8443/', false],
    ['https://api.instellix.io/elsewhere', true],
  ])('to %s takes credentials along: %s', (location, kept) => {
    const credentials = {
      authorization: 'Bearer mine',
      'proxy-authorization': 'Basic mine',
      cookie: 'mine=1',
      host: 'mine',
    };
    const next = nextHop(302, location, hop('GET', { ...credentials, accept: '*/*' }));
    expect([...next.headers.keys()]).toEqual(
      kept ? ['accept', 'authorization', 'cookie', 'host', 'proxy-authorization'] : ['accept'],
    );
  });

  test('reads a Location whose bytes are UTF-8 as the platform does', () => {
    const location = Buffer.from('/ä').toString('latin1');
    expect(nextHop(302, location, hop('GET')).url.href).toBe('https://api.instellix.io/%C3%A4'.toLowerCase());
  });

  test('leaves the headers of the request before it alone, which may be sent once more', () => {
    const before = hop('POST', { cookie: 'c', 'content-type': 'text/plain' });
    nextHop(303, 'https://other.example/', before);
    expect([...before.headers.keys()]).toEqual(['content-type', 'cookie']);
  });

  test.each(['https://[', 'ftp://files.example/', 'javascript:alert(1)'])(
    'a redirect to %s ends the call',
    (location) => {
      expect(() => nextHop(302, location, hop('GET'))).toThrow(
        new TypeError('fetch failed: the redirect leads to no HTTP address'),
      );
    },
  );
});

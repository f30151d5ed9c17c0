import { describe, expect, test } from 'vitest';
import { nextState } from '../../src/client/follow-redirect.ts';
import type { RequestState } from '../../src/client/request-driver.ts';

const url = new URL('https://api.instellix.io/customers');
const state = (method: string, headers: HeadersInit = {}): RequestState => ({
  url,
  method,
  headers: new Headers(headers),
  hasBody: true,
});

describe('nextState', () => {
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
  ])('a %i after %s is followed with %s, as on the platform', (status, method, nextMethod, hasBody) => {
    const next = nextState(status, '/moved', state(method, { 'content-type': 'text/plain', 'x-kept': '1' }));
    expect(next).toMatchObject({ url: new URL('https://api.instellix.io/moved'), method: nextMethod, hasBody });
    expect([...next.headers.keys()]).toEqual(hasBody ? ['content-type', 'x-kept'] : ['x-kept']);
  });

  test.each([
    ['https://other.example/', false],
    ['http://api.instellix.io/', false],
    ['https://api.instellix.io:8443/', false],
    ['https://api.instellix.io/elsewhere', true],
  ])('a redirect to %s keeps credentials: %s', (location, kept) => {
    const credentials = {
      authorization: 'Bearer mine',
      'proxy-authorization': 'Basic mine',
      cookie: 'mine=1',
      host: 'mine',
    };
    const next = nextState(302, location, state('GET', { ...credentials, accept: '*/*' }));
    expect([...next.headers.keys()]).toEqual(
      kept ? ['accept', 'authorization', 'cookie', 'host', 'proxy-authorization'] : ['accept'],
    );
  });

  test('decodes a Location whose bytes are UTF-8 as the platform does', () => {
    const location = Buffer.from('/ä').toString('latin1');
    expect(nextState(302, location, state('GET')).url.href).toBe('https://api.instellix.io/%C3%A4'.toLowerCase());
  });

  test('does not change the headers of the previous request, which may be resent', () => {
    const before = state('POST', { cookie: 'c', 'content-type': 'text/plain' });
    nextState(303, 'https://other.example/', before);
    expect([...before.headers.keys()]).toEqual(['content-type', 'cookie']);
  });

  test.each(['https://[', 'ftp://files.example/', 'javascript:alert(1)'])(
    'a redirect to %s is a TypeError',
    (location) => {
      expect(() => nextState(302, location, state('GET'))).toThrow(
        new TypeError('Cannot follow the redirect: it does not lead to an HTTP URL'),
      );
    },
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isApiUrl, resolveApiUrl } from '../../src/client/api-url.ts';

const root = new URL('https://api.instellix.io/');
const base = new URL('https://gateway.example/instellix/v1/');

describe('resolveApiUrl', () => {
  test.each([
    ['customers', 'https://gateway.example/instellix/v1/customers'],
    ['/customers', 'https://gateway.example/instellix/v1/customers'],
    ['/customers/7?fields=name#top', 'https://gateway.example/instellix/v1/customers/7?fields=name#top'],
    ['?page=2', 'https://gateway.example/instellix/v1/?page=2'],
    ['', 'https://gateway.example/instellix/v1/'],
    ['/', 'https://gateway.example/instellix/v1/'],
    ['./a/../b', 'https://gateway.example/instellix/v1/b'],
    ['/files/a:b', 'https://gateway.example/instellix/v1/files/a:b'],
    ['/a%2fb', 'https://gateway.example/instellix/v1/a%2fb'],
    ['/v..1/a...b', 'https://gateway.example/instellix/v1/v..1/a...b'],
    ['https://gateway.example/instellix/v1/customers', 'https://gateway.example/instellix/v1/customers'],
    ['https://GATEWAY.example:443/instellix/v1', 'https://gateway.example/instellix/v1'],
    ['//gateway.example/instellix/v1/a', 'https://gateway.example/instellix/v1/a'],
  ])('%j is an address of the API', (input, href) => {
    expect(resolveApiUrl(base, input).href).toBe(href);
  });

  test.each([
    'https://evil.example/instellix/v1/customers',
    'http://gateway.example/instellix/v1/customers',
    'https://gateway.example:8443/instellix/v1/customers',
    'https://gateway.example.evil.example/instellix/v1/',
    'https://sub.gateway.example/instellix/v1/',
    'https://user@gateway.example/instellix/v1/',
    'https://:pass@gateway.example/instellix/v1/',
    'https://gateway.example/',
    'https://gateway.example/instellix/v10/',
    'https://gateway.example/instellix/v1/../admin',
    'https://gateway.example/instellix/v1/%2e%2E/admin',
    '//evil.example/a',
    '\\\\evil.example\\a',
    '/\\evil.example/a',
    '..',
    '../admin',
    '/../admin',
    '/a/../../admin',
    '/..%2fadmin',
    '/%2e%2e%5cadmin',
    '/a/..%2F..%2Fadmin',
    'javascript:alert(1)',
    'data:,x',
    'file:///etc/passwd',
    'https://',
    'https://[',
  ])('%j never gets a token', (input) => {
    expect(() => resolveApiUrl(base, input)).toThrow(expect.objectContaining({ code: 'origin_not_allowed' }));
  });

  test('whatever is asked for, what comes out lies below the base', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '..',
      '.',
      '%2e',
      '%2f',
      '%5C',
      '@',
      ':',
      'https:',
      '?',
      '#',
      '\t',
      ' ',
      'a',
      'evil.example',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 8 }), (pieces) => {
        let url: URL;
        try {
          url = resolveApiUrl(base, pieces.join(''));
        } catch (error) {
          expect(error).toMatchObject({ code: 'origin_not_allowed' });
          return;
        }
        expect(url.origin).toBe(base.origin);
        expect(`${url.pathname}/`.startsWith(base.pathname)).toBe(true);
        expect(decode(url.pathname).split(/[\\/]/)).not.toContain('..');
      }),
      { numRuns: 5_000 },
    );
  });

  test('an error names the origin, never a path or query that may hold a secret', () => {
    expect(() => resolveApiUrl(root, 'https://evil.example/a?key=hidden')).toThrow(
      /^The access token is not sent to https:\/\/evil\.example, only below /,
    );
  });
});

describe('isApiUrl', () => {
  test('the base itself counts with and without its slash', () => {
    expect(isApiUrl(base, new URL('https://gateway.example/instellix/v1'))).toBe(true);
    expect(isApiUrl(root, new URL('https://api.instellix.io'))).toBe(true);
  });
});

/** What a server that decodes before it routes would see. */
function decode(path: string): string {
  return path.replaceAll(/%2e/gi, '.').replaceAll(/%2f/gi, '/').replaceAll(/%5c/gi, '\\');
}

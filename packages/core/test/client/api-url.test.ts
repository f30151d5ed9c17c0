import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isApiHost,
  isApiPath,
  isApiUrl,
  requireApiHost,
  resolveApiHref,
  resolveApiUrl,
} from '../../src/client/api-url.ts';

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
    ['/orders/a%2Fb%3Bc', 'https://gateway.example/instellix/v1/orders/a%2Fb%3Bc'],
    ['/orders/a;v=1/items', 'https://gateway.example/instellix/v1/orders/a;v=1/items'],
    ['/orders/;..', 'https://gateway.example/instellix/v1/orders/;..'],
    ['/orders/a..;b', 'https://gateway.example/instellix/v1/orders/a..;b'],
    ['/orders/a%252fb', 'https://gateway.example/instellix/v1/orders/a%252fb'],
    ['/orders/..a/...', 'https://gateway.example/instellix/v1/orders/..a/...'],
    ['/orders/%2e%2e%2e', 'https://gateway.example/instellix/v1/orders/%2e%2e%2e'],
    ['/orders/100%', 'https://gateway.example/instellix/v1/orders/100%'],
    ['/orders/%zz%e4', 'https://gateway.example/instellix/v1/orders/%zz%e4'],
    ['/orders?q=../..;/', 'https://gateway.example/instellix/v1/orders?q=../..;/'],
    ['/v..1/a...b', 'https://gateway.example/instellix/v1/v..1/a...b'],
    ['https://gateway.example/instellix/v1/customers', 'https://gateway.example/instellix/v1/customers'],
    ['https://GATEWAY.example:443/instellix/v1', 'https://gateway.example/instellix/v1'],
    ['//gateway.example/instellix/v1/a', 'https://gateway.example/instellix/v1/a'],
  ])('%j is a URL of the API', (input, href) => {
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
    // With path parameters, which servlet containers remove.
    '..;/admin',
    '/..;/admin',
    '/a/..;x=1/../..;/admin',
    '/..;jsessionid=1/admin',
    '/..%3b/admin',
    '/..%3B%2fadmin',
    '/%2e%2e;/admin',
    '/a\\..;\\admin',
    '/a/..;',
    '..;',
    // Encoded, once or twice.
    '/.%2e/admin',
    '/%2e./admin',
    '/%2E%2e/admin',
    '/%2%65%2e/admin',
    '/%252e%252e/admin',
    '/%252e%252e%252fadmin',
    '/%25%32%65%25%32%65/admin',
    '/%25%32e%2e/admin',
    '/..%252f..%252fadmin',
    '/..%255cadmin',
    // With characters at which servers cut a path, or which they remove.
    '/..%00',
    '/.%09./admin',
    '/..%2520/admin',
    '/..%23/admin',
    '/..%3fadmin',
    '/..%253b/admin',
    '/a%2f..',
    '/a%252f%252e%252e',
    'https://gateway.example/instellix/v1/..;/admin',
  ])('%j is refused', (input) => {
    expect(() => resolveApiUrl(base, input)).toThrow(expect.objectContaining({ code: 'origin_not_allowed' }));
  });

  test('any input resolves as text to what the parser makes of it', () => {
    const hrefOf = (resolve: () => string) => {
      try {
        return resolve();
      } catch (error) {
        return error;
      }
    };
    const pieces = [
      '/',
      '//',
      '?',
      '#',
      '=',
      '&',
      ',',
      '-',
      '_',
      '.',
      '..',
      '\\',
      '%2e',
      '\n',
      ' ',
      ':',
      'a',
      'B7',
      'ä',
      '~',
    ];
    const input = fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((each) => each.join(''));
    const check = (text: string, api: URL) => {
      expect(hrefOf(() => resolveApiHref(api, text))).toEqual(hrefOf(() => resolveApiUrl(api, text).href));
    };
    fc.assert(fc.property(fc.oneof(input, fc.string()), fc.constantFrom(base, root), check), { numRuns: 10_000 });
  });

  test('any input is refused or resolves below the base, on servers that decode, too', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '..',
      '.',
      ';',
      '%2e',
      '%2f',
      '%5C',
      '%3b',
      '%25',
      '25',
      '2e',
      '2f',
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
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 4, arbitrary: piece }, fc.string()), { maxLength: 10 }), (pieces) => {
        const text = pieces.join('');
        let url: URL;
        try {
          url = resolveApiUrl(base, text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'origin_not_allowed' });
          return;
        }
        accepted++;
        expect(url.origin).toBe(base.origin);
        // As a URL parser resolves it against the base, as a relative path unless it is an absolute URL.
        const readings = [text, `./${text.replace(/^\//, '')}`].filter((reading) => URL.canParse(reading, base));
        expect(readings.map((reading) => new URL(reading, base).href)).toContain(url.href);
        expect(`${url.pathname}/`.startsWith(base.pathname)).toBe(true);
        for (const decodings of [0, 1, 2]) {
          const seen = routeOf(url.pathname, decodings);
          expect(seen.slice(0, 2)).toEqual(['instellix', 'v1']);
        }
      }),
      { numRuns: 10_000 },
    );
    expect(accepted).toBeGreaterThan(1_000);
  });

  test('an error names the origin, and neither path nor query, which may contain a secret', () => {
    expect(() => resolveApiUrl(root, 'https://evil.example/a?key=hidden')).toThrow(
      /^Cannot send the request: it leads to https:\/\/evil\.example, outside of the API's base\. Only URLs below /,
    );
  });
});

describe('isApiUrl', () => {
  test('the base is a URL of the API with and without its trailing slash', () => {
    expect(isApiUrl(base, new URL('https://gateway.example/instellix/v1'))).toBe(true);
    expect(isApiUrl(root, new URL('https://api.instellix.io'))).toBe(true);
  });
});

describe('isApiHost', () => {
  test.each([undefined, null, 'gateway.example', 'GATEWAY.example'])('%j names the API', (host) => {
    expect(isApiHost(base, host)).toBe(true);
  });

  test.each(['', 'evil.example', 'gateway.example:8443', 'gateway.example.', ['gateway.example', 'evil.example']])(
    '%j does not',
    (host) => expect(isApiHost(base, host)).toBe(false),
  );

  test('a Host that does not is refused with a message that does not repeat it', () => {
    expect(() => requireApiHost(base, 'gateway.example')).not.toThrow();
    const refuse = () => requireApiHost(base, 'evil.example');
    expect(refuse).toThrow(expect.objectContaining({ code: 'origin_not_allowed' }));
    expect(refuse).toThrow(/its Host header does not name gateway\.example, (?!.*evil)/);
  });
});

describe('isApiPath', () => {
  test.each(['/instellix/v1', '/instellix/v1/a..b', '/instellix/v1/..a/%2e', '/instellix/v1/a%2fb;c'])(
    '%j is a path of the API',
    (path) => expect(isApiPath(base, path)).toBe(true),
  );

  test.each(['/instellix/v1/a/../b', '/instellix/v1/..#x', '/instellix/v1/..%23/x', '/instellix/v10', '/', '*'])(
    '%j is not, as it is given',
    (path) => expect(isApiPath(base, path)).toBe(false),
  );

  test('any path is refused or below the base, on servers that decode it or end it at a query or fragment', () => {
    const piece = fc.constantFrom('/', '\\', '..', '.', ';', '#', '?', '%2e', '%2f', '%23', '%3f', '%25', '2e', 'a');
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const path = `/instellix/v1/${pieces.join('')}`;
        if (!isApiPath(base, path)) return;
        accepted++;
        for (const decodings of [0, 1, 2]) {
          for (const end of [/$/, /[?#].*/]) {
            expect(routeOf(path.replace(end, ''), decodings).slice(0, 2)).toEqual(['instellix', 'v1']);
          }
        }
      }),
      { numRuns: 10_000 },
    );
    expect(accepted).toBeGreaterThan(1_000);
  });
});

/**
 * Returns the segments to which a server routes a path: it decodes the path so many times, accepts both slashes, removes path parameters,
 * and resolves dot segments.
 */
function routeOf(pathname: string, decodings: number): string[] {
  let path = pathname;
  for (let each = 0; each < decodings; each++) {
    path = path.replaceAll(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
  const route: string[] = [];
  for (const segment of path.split(/[\\/]/).map((each) => each.replace(/;.*/s, ''))) {
    if (segment === '..') route.pop();
    else if (segment !== '' && segment !== '.') route.push(segment);
  }
  return route;
}

describe('the message of a refusal', () => {
  test.each([
    ['https://evil.example/customers', /it leads to https:\/\/evil\.example, outside of the API's base/],
    ['https://', /the URL is invalid/],
    ['mailto:ada@gateway.example', /the URL is invalid/],
  ])('%s', (input, message) => {
    expect(() => resolveApiUrl(base, input)).toThrow(message);
  });
});

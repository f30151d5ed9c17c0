import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AllowList } from '../../src/proxy/allow-list.ts';
import { ProxyRejection } from '../../src/proxy/proxy-problem.ts';
import { type RequestTarget, readTarget } from '../../src/proxy/request-target.ts';

const rules = [
  { methods: ['GET'], path: '/items', query: ['limit', 'offset'] },
  { methods: ['GET', 'PUT'], path: '/items/**' },
  { methods: ['GET'], path: '/a/b' },
];
const allowList = new AllowList(rules);

/** A simple implementation of a rule. */
function isAllowed(method: string, target: string): boolean {
  const [path = '', ...rest] = target.split('?');
  const query = rest.join('?');
  return rules.some((rule) => {
    if (!rule.methods.includes(method)) return false;
    const tree = rule.path.endsWith('/**') ? rule.path.slice(0, -3) : undefined;
    if (tree === undefined ? path !== rule.path : path !== tree && !path.startsWith(`${tree}/`)) return false;
    if (!rule.query || query === '') return true;
    const names = [...new URLSearchParams(query).keys()];
    return names.every((name) => rule.query?.includes(name)) && new Set(names).size === names.length;
  });
}

/** Returns undefined for a target that is refused. */
function readAllowed(method: string, raw: string): RequestTarget | undefined {
  try {
    const read = readTarget(raw, '/api');
    allowList.judge(method, read);
    return read;
  } catch (error) {
    if (error instanceof ProxyRejection) return undefined;
    throw error;
  }
}

/** The ways in which a server may decode a path again. */
function readings(path: string): string[] {
  const found = new Set([path]);
  for (let current = path, i = 0; i < 4; i++) {
    current = current.replace(/%([\da-f]{2})/gi, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
    found.add(current);
  }
  return [...found].flatMap((reading) => [reading, reading.replaceAll('\\', '/'), reading.replaceAll(/;[^/]*/g, '')]);
}

const piece = fc.oneof(
  fc.constantFrom(
    '/',
    '/api',
    '/items',
    '/a/b',
    '..',
    '.',
    '%2e',
    '%2E',
    '%2f',
    '%5c',
    '\\',
    '//',
    '%25',
    '%252e',
    '%00',
    '%c0%af',
  ),
  fc.constantFrom(
    '?',
    '&',
    '=',
    ';',
    '#',
    'limit',
    'offset',
    'l%69mit',
    '+',
    '%',
    '%zz',
    '*',
    'http://',
    '@',
    'é',
    ' ',
    '\t',
    '~',
  ),
  fc.string({ maxLength: 3 }),
);
const target = fc
  .tuple(
    fc.constantFrom('/api', '', '/', '/api/items', '/api/items/', '/api/items?'),
    fc.array(piece, { maxLength: 6 }),
  )
  .map(([start, pieces]) => start + pieces.join(''));

describe('for any target,', () => {
  test('forwards the part below the mount, byte for byte, if it is allowed', () => {
    let forwarded = 0;
    fc.assert(
      fc.property(fc.constantFrom('GET', 'PUT', 'POST'), target, (method, raw) => {
        const read = readAllowed(method, raw);
        if (!read) return;
        forwarded++;
        const sent = `${read.path}${read.query}`;
        expect(sent).toBe(raw.slice('/api'.length).replace(/^(?=\?|$)/, '/'));
        expect(isAllowed(method, sent)).toBe(true);
        for (const reading of readings(read.path)) {
          const { pathname, host } = new URL(reading.replaceAll('%', '%25'), 'http://api');
          expect([host, pathname.split('/').length]).toEqual(['api', reading.split('/').length]);
        }
      }),
      { numRuns: 20_000 },
    );
    expect(forwarded).toBeGreaterThan(100);
  });

  test('does not reject an allowed target', () => {
    const segment = fc.stringMatching(/^[a-z0-9\-_~!$&'()*+,=:@]{1,8}$/);
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 4 }), (segments) => {
        const path = ['/items', ...segments].join('/');
        const read = readTarget(`/api${path}`, '/api');
        expect(read).toEqual({ path, query: '' });
        expect(allowList.judge('GET', { path, query: '' })).toMatch(/^\/items/);
      }),
    );
  });
});

describe('a mount', () => {
  test.each([
    ['/api/items', '/api', '/items'],
    ['/api', '/api', '/'],
    ['/api?x', '/api', '/'],
    ['/api/', '/api', '/'],
    ['/items', '', '/items'],
  ])('of %s at %s leaves %s', (raw, mount, path) => {
    expect(readTarget(raw, mount)).toMatchObject({ path });
  });

  test.each([
    ['/apiary/items', '/api'],
    ['/ap', '/api'],
    ['/other/api/items', '/api'],
    ['/API/items', '/api'],
  ])('does not hold %s at %s', (raw, mount) => {
    expect(() => readTarget(raw, mount)).toThrow(expect.objectContaining({ code: 'not_found' }));
  });
});

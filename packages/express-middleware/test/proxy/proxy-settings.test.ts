import { createInstellixClient, type InstellixClient } from '@instellix/core';
import { describe, expect, test } from 'vitest';
import { instellixProxy } from '../../src/proxy/instellix-proxy.ts';
import type { InstellixProxyOptions } from '../../src/proxy/proxy-options.ts';
import { everything, ProxyFixture, rawRequest } from './proxy-fixture.ts';

describe('options', () => {
  const client = createInstellixClient({
    environment: { apiUrl: 'http://127.0.0.1:1' },
    realm: 'acme',
    clientId: 'proxy',
    clientSecret: 'planted-secret',
  });
  const good: InstellixProxyOptions = { allow: everything };

  function problemsOf(options: unknown, given: unknown = client): readonly string[] {
    try {
      instellixProxy(given as InstellixClient, options as InstellixProxyOptions);
    } catch (error) {
      return (error as { problems: string[] }).problems;
    }
    return [];
  }

  test('that can work are no problem', () => {
    const allow = [
      { methods: ['GET'], path: '/' },
      { methods: ['GET', 'HEAD'], path: '/**' },
      { methods: ['QUERY'], path: '/a/b/**', query: [] },
      { methods: ['POST'], path: '/caf%C3%A9/a;b=c', query: ['a b', { name: 'id', repeated: true as const }] },
    ];
    expect(problemsOf({ ...good, allow, mountPath: '/', resendBodyBytes: 0, requestHeaders: ['User-Agent'] })).toEqual(
      [],
    );
  });

  test('that cannot are all named at once', () => {
    const wrong = {
      allow: [{ methods: ['get'], path: 'items', qeury: [] }],
      authorize: true,
      mountPath: 'api/',
      maxBodyBytes: -1,
      resendBodyBytes: 1.5,
      timeouts: { headersMs: '5s', idle: 1 },
      requestHeaders: ['Authorization', 'X-Fine'],
      responseHeaders: { drop: ['a b'], keep: [] },
      onEvent: 'log',
      maxBodySize: 1,
      dispatcher: 'http://proxy.example',
    };
    const problems = problemsOf(wrong, {});
    const named = [
      'options',
      'timeouts must',
      'responseHeaders must',
      'client',
      'allow[0] must',
      'allow[0].path',
      'allow[0].methods[0]',
      'authorize',
      'mountPath',
      'maxBodyBytes',
      'resendBodyBytes',
      'timeouts.headersMs',
      'requestHeaders[0]',
      'responseHeaders.drop[0]',
      'onEvent',
      'dispatcher',
    ];
    for (const name of named)
      expect(
        problems.filter((problem) => problem.startsWith(`instellixProxy: ${name}`)),
        name,
      ).toHaveLength(1);
    expect(problems).toHaveLength(named.length);
  });

  test.each(['a\uFFFD', { name: '\uFFFD', repeated: true }])(
    'rejects a parameter that a request with invalid UTF-8 would have, too: %o',
    (parameter) => {
      const [problem] = problemsOf({ ...good, allow: [{ methods: ['GET'], path: '/a', query: [parameter] }] });
      expect(problem).toContain('the name of a query parameter');
    },
  );

  test.each([undefined, [], {}, 'all', null])('rejects %o instead of rules', (allow) => {
    expect(problemsOf({ ...good, allow })).toHaveLength(1);
  });

  test.each([
    '',
    'items',
    '/items?',
    '/a//b',
    '/a/../b',
    '/a/%2e%2e',
    '/a%2fb',
    '/*',
    '/a/*',
    '/a*',
    '/**/b',
    '/a**',
    '/%69tems',
    '/a b',
    '/a#b',
    '//**',
    '/a/./**',
    7,
  ])('rejects an ambiguous rule: %o', (path) => {
    expect(problemsOf({ ...good, allow: [{ methods: ['GET'], path }] })).toHaveLength(1);
  });

  test.each([
    7,
    null,
    {},
    { name: 'id' },
    { name: 'id', repeated: false },
    { repeated: true },
    { name: 'id', twice: true },
  ])('rejects a rule with the parameter %o', (parameter) => {
    const problems = problemsOf({ allow: [{ methods: ['GET'], path: '/a', query: ['page', parameter] }] });
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(problem).toContain('allow[0].query[1]');
  });

  test.each(['CONNECT', 'TRACE', 'get', 'ANYTHING', '', 1])('rejects a rule for the method %o', (method) => {
    expect(problemsOf({ ...good, allow: [{ methods: ['GET', method], path: '/a' }] })).toHaveLength(1);
  });

  test.each([
    'authorization',
    'Cookie',
    'HOST',
    'Connection',
    'TE',
    'Transfer-Encoding',
    'Content-Length',
    'Expect',
    'Upgrade',
    'Via',
    'Forwarded',
    'X-Forwarded-For',
    'X-Forwarded-Anything',
    'Proxy-Authorization',
    'X-HTTP-Method-Override',
    'X-Method-Override',
    'X-Original-URL',
    'x y',
    '',
  ])('rejects the header %o', (name) => {
    expect(problemsOf({ ...good, requestHeaders: [name] })).toHaveLength(1);
  });

  test.each([null, undefined, 'options', 7])('rejects %o instead of an object', (options) => {
    expect(problemsOf(options).length).toBeGreaterThan(0);
  });

  test('cannot be widened once they are given', async () => {
    const allow = [{ methods: ['GET'], path: '/items' }];
    const fixture = await ProxyFixture.start({ allow });
    allow[0]?.methods.push('DELETE');
    allow.push({ methods: ['GET'], path: '/**' });
    expect(await fixture.exchange(rawRequest('DELETE /api/items'))).toMatchObject({ status: 405 });
    expect(await fixture.exchange(rawRequest('GET /api/other'))).toMatchObject({ status: 404 });
  });
});

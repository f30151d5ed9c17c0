import { describe, expect, test } from 'vitest';
import { findProxy } from '../../src/doctor/proxy.ts';

const proxies = { HTTPS_PROXY: 'http://a.example', HTTP_PROXY: 'http://b.example' };
const find = (url: string, env: Record<string, string>) => findProxy(env, new URL(url))?.variable;

describe('the proxy of a URL', () => {
  test.each([
    ['https://api.example', proxies, 'HTTPS_PROXY'],
    ['https://api.example', { HTTP_PROXY: 'http://b.example' }, 'HTTP_PROXY'],
    ['https://api.example', { ...proxies, https_proxy: 'http://c.example' }, 'https_proxy'],
    ['http://127.0.0.1', proxies, 'HTTP_PROXY'],
    ['http://127.0.0.1', { HTTPS_PROXY: 'http://a.example' }, undefined],
    ['https://api.example', { HTTPS_PROXY: '' }, undefined],
  ])('%s with %j is that of %s', (url, env, variable) => {
    expect(find(url, env as Record<string, string>)).toBe(variable);
  });

  test.each(['api.example', 'API.example', '.example', '*.example', 'example', '*', 'other, api.example:443'])(
    'is none with NO_PROXY=%s',
    (NO_PROXY) => {
      expect(find('https://api.example', { ...proxies, NO_PROXY })).toBeUndefined();
    },
  );

  test.each(['', 'i.example', 'api.example:8443', 'my.api.example', ','])('is used with NO_PROXY=%s', (NO_PROXY) => {
    expect(find('https://api.example', { ...proxies, NO_PROXY })).toBe('HTTPS_PROXY');
  });
});

test('is used by Node with its variable or its option', () => {
  const url = new URL('https://api.example');
  expect(findProxy(proxies, url)?.isUsed).toBe(false);
  expect(findProxy({ ...proxies, NODE_USE_ENV_PROXY: '1' }, url)?.isUsed).toBe(true);
  expect(findProxy({ ...proxies, NODE_OPTIONS: '--use-env-proxy' }, url)?.isUsed).toBe(true);
});

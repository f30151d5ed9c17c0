import { inspect } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { createEnvironment } from '../../src/environment/environment.ts';
import { environmentValidator } from '../../src/environment/environment-validator.ts';
import { validate } from '../configuration/validate.ts';
import { clearVariables, setVariables } from '../configuration/variables.ts';

beforeEach(clearVariables);

const tryToResolve = (value: unknown, realm: string) => {
  const { result, problems } = validate(environmentValidator, value, 'environment');
  return { environment: createEnvironment(result, realm), problems };
};
const resolve = (value?: unknown, realm = 'acme') => {
  const { environment, problems } = tryToResolve(value, realm);
  expect(problems).toEqual([]);
  const { name, apiUrl, tokenUrl } = environment;
  return [name, apiUrl.href, tokenUrl.href];
};

describe('a named environment', () => {
  it.each([
    ['production', 'production', 'https://api.instellix.io/'],
    ['sandbox', 'sandbox', 'https://api.sandbox.instellix.io/'],
    ['stage', 'stage', 'https://api.isx-stage-westeurope.instellix.io/'],
    ['preview', 'stage', 'https://api.isx-stage-westeurope.instellix.io/'],
  ])('%s has the URLs that the vendor documents', (given, name, apiUrl) => {
    const expected = [name, apiUrl, `${apiUrl}acme/oauth2/token`];
    expect(resolve(given)).toEqual(expected);
    setVariables({ INSTELLIX_ENVIRONMENT: given });
    expect(resolve()).toEqual(expected);
  });

  it('keeps its name when variables replace its URLs', () => {
    setVariables({ INSTELLIX_API_URL: 'https://eu.example.com/v2' });
    expect(resolve('production')).toEqual([
      'production',
      'https://eu.example.com/v2/',
      'https://eu.example.com/v2/acme/oauth2/token',
    ]);
    setVariables({ INSTELLIX_TOKEN_URL: 'https://login.example.com/token' });
    expect(resolve('production')).toEqual([
      'production',
      'https://eu.example.com/v2/',
      'https://login.example.com/token',
    ]);
    clearVariables();
    setVariables({ INSTELLIX_ENVIRONMENT: 'stage', INSTELLIX_TOKEN_URL: 'https://login.example.com/token' });
    expect(resolve()).toEqual([
      'stage',
      'https://api.isx-stage-westeurope.instellix.io/',
      'https://login.example.com/token',
    ]);
  });

  it('accepts no plain http from a variable', () => {
    setVariables({ INSTELLIX_API_URL: 'http://eu.example.com' });
    expect(tryToResolve('production', 'acme').problems).toHaveLength(1);
  });
});

describe('a custom environment', () => {
  it('is created from INSTELLIX_API_URL alone, which the emulator prints', () => {
    setVariables({ INSTELLIX_API_URL: 'http://127.0.0.1:4010' });
    expect(resolve()).toEqual(['custom', 'http://127.0.0.1:4010/', 'http://127.0.0.1:4010/acme/oauth2/token']);
  });

  it('is not mixed with variables', () => {
    setVariables({
      INSTELLIX_ENVIRONMENT: 'production',
      INSTELLIX_API_URL: 'ftp://wrong',
      INSTELLIX_TOKEN_URL: 'https://api.instellix.io/other/oauth2/token',
    });
    expect(resolve({ apiUrl: 'http://localhost:4010/base', name: 'emulator' })).toEqual([
      'emulator',
      'http://localhost:4010/base/',
      'http://localhost:4010/base/acme/oauth2/token',
    ]);
  });

  it('may have its token endpoint on another origin', () => {
    const environment = {
      apiUrl: 'https://api.example.com',
      tokenUrl: new URL('https://login.example.com/acme/token'),
    };
    expect(resolve(environment)).toEqual([
      'custom',
      'https://api.example.com/',
      'https://login.example.com/acme/token',
    ]);
  });

  it('may use plain http for both URLs with allowHttp', () => {
    const urls = { apiUrl: 'http://api.internal', tokenUrl: 'http://login.internal/token' };
    expect(resolve({ ...urls, allowHttp: true })).toEqual([
      'custom',
      'http://api.internal/',
      'http://login.internal/token',
    ]);
    expect(tryToResolve({ ...urls, allowHttp: false }, 'acme').problems).toHaveLength(2);
  });

  it.each([
    ['https://a.example', 'https://a.example/'],
    ['https://a.example/v1', 'https://a.example/v1/'],
    ['https://a.example:8443/base/v1/', 'https://a.example:8443/base/v1/'],
    ['HTTPS://A.Example:443/V1', 'https://a.example/V1/'],
  ])('keeps the base path of %s, so that paths can be appended', (apiUrl, base) => {
    expect(resolve({ apiUrl })[1]).toBe(base);
    expect(resolve({ apiUrl: new URL(apiUrl) })[1]).toBe(base);
  });

  it('uses its token URL unchanged, with a query, but refuses a fragment, which is never sent', () => {
    const apiUrl = 'https://a.example';
    for (const tokenUrl of ['https://login.example/token/', 'https://login.example/token?p=1']) {
      expect(resolve({ apiUrl, tokenUrl })[2]).toBe(tokenUrl);
    }
    expect(tryToResolve({ apiUrl, tokenUrl: 'https://login.example/token#x' }, 'acme').problems).toEqual([
      expect.stringMatching(/^environment\.tokenUrl .*fragment/),
    ]);
  });

  it('refuses objects that resemble a URL', () => {
    const impostor = { [Symbol.toStringTag]: 'URL', href: 'https://a.example' };
    for (const apiUrl of [{ href: 'https://a.example' }, { [Symbol.toStringTag]: 'URL' }, impostor]) {
      expect(tryToResolve({ apiUrl }, 'acme').problems).toHaveLength(1);
    }
  });

  it('does not turn the realm into a host when its base path starts with two slashes', () => {
    expect(resolve({ apiUrl: 'https://a.example//' })[2]).toBe('https://a.example//acme/oauth2/token');
  });
});

it.each([
  ['acme corp', 'acme%20corp'],
  ['a?b#c', 'a%3Fb%23c'],
  ['bäckerei', 'b%C3%A4ckerei'],
  ['a:b@c;d', 'a%3Ab%40c%3Bd'],
])('encodes the realm %s as one segment of the token URL', (realm, segment) => {
  expect(resolve('sandbox', realm)[2]).toBe(`https://api.sandbox.instellix.io/${segment}/oauth2/token`);
});

describe('the environment of a client', () => {
  it('cannot be changed, neither by assignment nor through a URL', () => {
    const { environment } = tryToResolve('sandbox', 'acme');
    environment.apiUrl.host = 'evil.example';
    environment.tokenUrl.href = 'https://evil.example/token';
    expect(() => Object.assign(environment, { apiUrl: new URL('https://evil.example') })).toThrow(TypeError);
    expect(() => Object.assign(environment, { name: 'production' })).toThrow(TypeError);
    expect(Object.isFrozen(environment)).toBe(true);
    expect(environment.apiUrl.href).toBe('https://api.sandbox.instellix.io/');
    expect(environment.tokenUrl.href).toBe('https://api.sandbox.instellix.io/acme/oauth2/token');
  });

  it('can be logged, compared and copied like a plain object', () => {
    const { environment } = tryToResolve('sandbox', 'acme');
    expect(JSON.parse(JSON.stringify(environment))).toEqual({
      name: 'sandbox',
      apiUrl: 'https://api.sandbox.instellix.io/',
      tokenUrl: 'https://api.sandbox.instellix.io/acme/oauth2/token',
    });
    expect({ ...environment }.apiUrl).toEqual(new URL('https://api.sandbox.instellix.io/'));
    expect(inspect(environment, { getters: true })).toContain('https://api.sandbox.instellix.io/');
  });
});

import { describe, expect, it } from 'vitest';
import { urlValidator } from '../../src/environment/url-validator.ts';
import { validate } from '../configuration/validate.ts';

const api = (value: unknown, allowHttp = false) => validate(urlValidator(allowHttp, 'query, fragment', /[?#]/), value);
const isUsable = (value: unknown, allowHttp?: boolean) => api(value, allowHttp).problems.length === 0;

it.each([
  'https://a.example',
  'https://a.example:8443/base/v1/',
  'HTTPS://A.Example:443/V1',
  'http://localhost:3000/api',
])('accepts %s unchanged', (url) => {
  expect(api(url)).toEqual({ result: url, problems: [] });
});

it('accepts plain http only with allowHttp', () => {
  expect(api('http://a.example').problems).toEqual([expect.stringMatching(/https.*allowHttp/)]);
  expect(isUsable('http://a.example', true)).toBe(true);
  expect(isUsable('ftp://a.example', true)).toBe(false);
});

it.each([
  'https://user:hunter2@a.example/',
  'https://hunter2@a.example/',
  'https://a.example/?key=hunter2',
  'https://a.example/#hunter2',
  'http://hunter2:hunter2@a.example/hunter2?hunter2#hunter2',
  'hunter2',
  'hunter2://a',
  'https://hunter2 ',
])('shows no part of %s, which may be a secret', (url) => {
  const { problems } = api(url);
  expect(problems).toHaveLength(1);
  expect(problems.join()).not.toContain('hunter2');
});

it.each([' https://a.example', 'https://a.example\n', 'https://a.exa\tmple', 'https://a.example/\u0000'])(
  'refuses %j, which the URL parser would repair',
  (url) => {
    expect(isUsable(url)).toBe(false);
  },
);

it.each(['https://a.example?', 'https://a.example/#', 'https://a.example?a#b'])(
  'refuses %s, even when query or fragment are empty',
  (url) => {
    expect(isUsable(url)).toBe(false);
  },
);

describe('plain http', () => {
  it.each([
    'http://localhost:8080',
    'http://LOCALHOST',
    'http://emulator.localhost',
    'http://127.0.0.1:1',
    'http://127.255.255.254',
    'http://127.1',
    'http://2130706433',
    'http://[::1]:8080',
    'http://[0:0:0:0:0:0:0:1]',
  ])('is accepted to loopback: %s', (url) => {
    expect(isUsable(url)).toBe(true);
  });

  it.each([
    'http://localhost.example.com',
    'http://notlocalhost',
    'http://127.0.0.1.example.com',
    'http://127.example.com',
    'http://128.0.0.1',
    'http://0.0.0.0',
    'http://[::]',
    'http://[::1:1]',
    'http://[::ffff:127.0.0.1]',
    'http://10.0.0.1',
    'http://localhost.',
  ])('is refused to %s', (url) => {
    expect(isUsable(url)).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { Problems } from '../../src/configuration/problems.ts';
import { readApiUrl, readTokenUrl } from '../../src/environment/read-environment-url.ts';
import { problemsOf } from '../configuration/problems-of.ts';

const readWith =
  (read: typeof readApiUrl) =>
  (value: unknown, allowHttp = false) => {
    const problems = new Problems();
    const href = read({ value, label: 'INSTELLIX_API_URL' }, allowHttp, problems);
    return { href, problems: problemsOf(() => problems.throwIfAny()) };
  };
const api = readWith(readApiUrl);
const token = readWith(readTokenUrl);

describe('readApiUrl', () => {
  it.each([
    ['https://a.example', 'https://a.example/'],
    ['https://a.example/', 'https://a.example/'],
    ['https://a.example/v1', 'https://a.example/v1/'],
    ['https://a.example/v1/', 'https://a.example/v1/'],
    ['https://a.example:8443/base/v1', 'https://a.example:8443/base/v1/'],
    ['HTTPS://A.Example:443/V1', 'https://a.example/V1/'],
    ['http://localhost:3000/api', 'http://localhost:3000/api/'],
  ])('keeps the base path of %s, so that paths can be appended', (given, href) => {
    expect(api(given)).toEqual({ href, problems: [] });
    expect(api(new URL(given))).toEqual({ href, problems: [] });
  });

  it('sends over plain http only what was allowed to be', () => {
    expect(api('http://a.example').problems).toEqual([expect.stringMatching(/https.*allowHttp/)]);
    expect(api('http://a.example', true)).toEqual({ href: 'http://a.example/', problems: [] });
    expect(api('ftp://a.example', true).problems).toEqual([expect.stringMatching(/must start with https/)]);
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
  ])('shows nothing of %s, whose parts may be secret', (url) => {
    const { problems } = api(url);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('reports all that is wrong with one URL', () => {
    expect(api('http://user@a.example/?a#b').problems).toHaveLength(3);
  });

  it('does not let the URL parser repair a URL silently', () => {
    for (const url of [
      ' https://a.example',
      'https://a.example\n',
      'https://a.exa\tmple',
      'https://a.example/\u0000',
    ]) {
      expect(api(url).problems).toEqual([expect.stringMatching(/without white space/)]);
    }
  });

  it('is not impressed by objects that pass for a URL', () => {
    const impostor = { [Symbol.toStringTag]: 'URL', href: { toString: () => 'https://a.example' } };
    for (const value of [
      { href: 'https://a.example' },
      { [Symbol.toStringTag]: 'URL' },
      ['https://a.example'],
      impostor,
    ]) {
      const { href, problems } = api(value);
      expect(problems.length === 1 || href === 'https://a.example/').toBe(true);
    }
  });
});

describe('readTokenUrl', () => {
  it.each([
    'https://login.example/acme/oauth2/token',
    'https://login.example/token/',
    'https://login.example/token?p=1',
  ])('uses %s as it is', (href) => {
    expect(token(href)).toEqual({ href, problems: [] });
  });

  it('refuses a fragment, which no server would see', () => {
    expect(token('https://login.example/token#x').problems).toEqual([expect.stringMatching(/fragment/)]);
  });
});

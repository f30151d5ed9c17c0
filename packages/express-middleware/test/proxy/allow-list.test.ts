import { expect, test } from 'vitest';
import { AllowList, type AllowRule } from '../../src/proxy/allow-list.ts';
import type { ProxyRejection } from '../../src/proxy/proxy-problem.ts';

const rules: readonly AllowRule[] = [
  { methods: ['GET', 'PUT'], path: '/**' },
  { methods: ['GET'], path: '/items', query: ['limit'] },
  { methods: ['GET'], path: '/items', query: ['cursor'] },
  { methods: ['GET', 'PUT'], path: '/items/**', query: ['view'] },
  { methods: ['GET'], path: '/items/public/**' },
];

const spellings: readonly AllowRule[] = [
  { methods: ['GET'], path: '/**' },
  { methods: ['GET'], path: '/a:b', query: [] },
  { methods: ['GET'], path: '/caf%C3%A9/**', query: [] },
];

test.each([
  ['/a:b', '/a:b'],
  ['/a%3ab', '/a:b'],
  ['/a%3Ab', '/a:b'],
  ['/caf%c3%a9', '/caf%C3%A9/**'],
  ['/caf%c3%A9/x', '/caf%C3%A9/**'],
  ['/A:b', '/**'],
  ['/a:b/', '/**'],
])(
  'a rule applies to each percent-encoding of its path, but not to another letter case or a trailing slash: %s',
  (path, rule) => {
    const list = new AllowList(spellings);
    expect(judge(list, 'GET', path)).toBe(rule);
    expect(judge(list, 'GET', path, '?any=1')).toBe(rule === '/**' ? rule : 'query_not_allowed');
  },
);

test.each([
  ['?id=1&id=2&id=3', '/items'],
  ['?id=1&page=1', '/items'],
  ['?page=1&page=2', 'query_not_allowed'],
  ['?id=1&other=2', 'query_not_allowed'],
])('a parameter can be repeated when its rule allows it: %s', (query, judged) => {
  const list = new AllowList([{ methods: ['GET'], path: '/items', query: [{ name: 'id', repeated: true }, 'page'] }]);
  expect(judge(list, 'GET', '/items', query)).toBe(judged);
});

test.each([
  ['?', '/items'],
  ['?page', '/items'],
  ['?&page=1&', '/items'],
  ['?p%61ge=1', '/items'],
  ['?my+page=1', '/items'],
  ['?my%20page=1', '/items'],
  ['?p%61ge=1&page=2', 'query_not_allowed'],
  ['?page=1&=2', 'query_not_allowed'],
  ['?page=1;id=2', 'query_not_allowed'],
  ['?%EF%BB%BFpage=1', 'query_not_allowed'],
  ['?page%FF=1', 'query_not_allowed'],
  ['?page%00=1', 'query_not_allowed'],
  ['?%E2%80%8Bpage=1', 'query_not_allowed'],
])('names of parameters are compared as a server of forms decodes them: %s', (query, judged) => {
  const list = new AllowList([{ methods: ['GET'], path: '/items', query: ['page', 'my page'] }]);
  expect(judge(list, 'GET', '/items', query)).toBe(judged);
});

const judge = (list: AllowList, method: string, path: string, query = '') => {
  try {
    return list.judge(method, { path, query });
  } catch (error) {
    return (error as ProxyRejection).code;
  }
};

test.each([
  ['GET', '/items', '?limit=1', '/items'],
  ['GET', '/items', '?cursor=a', '/items'],
  ['GET', '/items', '?limit=1&cursor=a', 'query_not_allowed'],
  ['GET', '/items', '?view=all', 'query_not_allowed'],
  ['PUT', '/items', '?view=all', '/items/**'],
  ['PUT', '/items', '?admin=1', 'query_not_allowed'],
  ['GET', '/items/', '?admin=1', 'query_not_allowed'],
  ['GET', '/items/7', '?view=all', '/items/**'],
  ['GET', '/items/7', '?admin=1', 'query_not_allowed'],
  ['GET', '/items/public', '?any=1', '/items/public/**'],
  ['GET', '/items/public/7', '?any=1', '/items/public/**'],
  ['PUT', '/items/public/7', '?any=1', 'query_not_allowed'],
  ['GET', '/elsewhere', '?any=1', '/**'],
  ['DELETE', '/items', '', 'method_not_allowed'],
])('a wide rule does not extend a more specific one: %s %s%s', (method, path, query, judged) => {
  expect(judge(new AllowList(rules), method, path, query)).toBe(judged);
  expect(judge(new AllowList([...rules].reverse()), method, path, query)).toBe(judged);
});

test('two spellings of one path are alternatives, and do not make a tree more specific than one in it', () => {
  const list = new AllowList([
    { methods: ['GET'], path: '/a:b', query: ['limit'] },
    { methods: ['GET'], path: '/a%3Ab', query: ['cursor'] },
    { methods: ['GET'], path: '/%3A%3A/**' },
    { methods: ['GET'], path: '/::/a/**', query: [] },
  ]);
  expect(judge(list, 'GET', '/a:b', '?limit=1')).toBe('/a:b');
  expect(judge(list, 'GET', '/a:b', '?cursor=1')).toBe('/a%3Ab');
  expect(judge(list, 'GET', '/::/a/1', '?any=1')).toBe('query_not_allowed');
  expect(judge(list, 'GET', '/::/1', '?any=1')).toBe('/%3A%3A/**');
});

import { rawRequest } from './proxy-world.ts';

/** What the proxy is mounted with while {@link hostileRequests} come in. */
export const hostileOptions = {
  allow: [
    { methods: ['GET', 'HEAD', 'POST'], path: '/items', query: ['limit', 'page size'] },
    { methods: ['PUT', 'DELETE'], path: '/items/**' },
    { methods: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'], path: '/open/**' },
  ],
  maxBodyBytes: 100_000,
  requestHeaders: ['X-Request-Id'],
};

/** A request that nobody polite would send, and what becomes of it. */
export interface HostileRequest {
  readonly title: string;
  readonly bytes: string;
  /** The caller's answer; 200 when it is the API's. */
  readonly status: number;
  /** The code of the problem; left out when Node refuses the request before any handler sees it, or when it is forwarded. */
  readonly code?: string;
  /** What arrives at the API besides `host`, `connection`, `via`, `authorization` and `content-length`; nothing if left out. */
  readonly arrives?: { readonly line: string; readonly headers?: readonly string[]; readonly body?: string };
}

const get = (target: string, ...headers: string[]) => rawRequest(`GET ${target}`, headers);
const post = (headers: readonly string[], body = '', target = '/api/items') =>
  rawRequest(`POST ${target}`, headers, body);
const malformed = { status: 400, code: 'malformed_target' };
const unknown = { status: 404, code: 'not_found' };
const untransferable = { status: 501, code: 'transfer_coding_not_supported' };
/** Node's parser ends it before any handler sees it. */
const unparsed = { status: 400 };
const item = { line: 'GET /v1/items' };

const targets: HostileRequest[] = [
  { title: 'an absolute-form target of our own host', bytes: get('http://service.example/api/items'), ...malformed },
  { title: 'an absolute-form target of a stranger', bytes: get('http://evil.example/api/items'), ...malformed },
  { title: 'a target that begins with two slashes', bytes: get('//evil.example/api/items'), ...unknownByRouter() },
  { title: 'two slashes below the mount', bytes: get('/api//evil.example/items'), ...malformed },
  { title: 'two slashes within the path', bytes: get('/api/open//items'), ...malformed },
  { title: 'a backslash target', bytes: get('/\\evil.example/api/items'), ...unknownByRouter() },
  { title: 'a backslash below the mount', bytes: get('/api/\\evil.example'), ...malformed },
  { title: 'a backslash in a segment', bytes: get('/api/open/..\\items'), ...malformed },
  { title: 'dot segments', bytes: get('/api/open/../items'), ...malformed },
  { title: 'dot segments that leave the mount', bytes: get('/api/../admin'), ...malformed },
  { title: 'a single dot segment', bytes: get('/api/open/./items'), ...malformed },
  { title: 'dot segments at the end', bytes: get('/api/open/..'), ...malformed },
  { title: 'encoded dot segments', bytes: get('/api/open/%2e%2e/items'), ...malformed },
  { title: 'half-encoded dot segments in upper case', bytes: get('/api/open/.%2E/items'), ...malformed },
  { title: 'dot segments with a path parameter', bytes: get('/api/open/..;/items'), ...malformed },
  { title: 'dot segments with an encoded path parameter', bytes: get('/api/open/..%3b/items'), ...malformed },
  { title: 'an encoded slash', bytes: get('/api/open/a%2fb'), ...malformed },
  { title: 'an encoded slash in upper case after dots', bytes: get('/api/open/..%2Fitems'), ...malformed },
  { title: 'an encoded backslash', bytes: get('/api/open/..%5citems'), ...malformed },
  { title: 'doubly encoded dot segments', bytes: get('/api/open/%252e%252e/items'), ...malformed },
  { title: 'a doubly encoded slash', bytes: get('/api/open/..%252fitems'), ...malformed },
  { title: 'a thrice encoded slash', bytes: get('/api/open/..%25252fitems'), ...malformed },
  { title: 'an overlong slash', bytes: get('/api/open/..%c0%afitems'), ...malformed },
  { title: 'an overlong dot', bytes: get('/api/open/%c0%ae%c0%ae/items'), ...malformed },
  { title: 'an encoded NUL', bytes: get('/api/items%00'), ...malformed },
  { title: 'an encoded line break', bytes: get('/api/open/a%0d%0aX-Evil:%201'), ...malformed },
  { title: 'a doubly encoded NUL', bytes: get('/api/open/a%2500'), ...malformed },
  { title: 'an encoded DEL', bytes: get('/api/open/a%7f'), ...malformed },
  { title: 'a percent sign without its digits', bytes: get('/api/open/100%'), ...malformed },
  { title: 'a percent sign with wrong digits', bytes: get('/api/open/%zz'), ...malformed },
  { title: 'an IIS-style encoding', bytes: get('/api/open/%u002e%u002e/items'), ...malformed },
  { title: 'a raw NUL', bytes: get('/api/items\0'), ...unparsed },
  { title: 'a raw control character', bytes: get('/api/items\x01'), ...unparsed },
  { title: 'raw bytes above ASCII', bytes: get('/api/open/caf\xe9'), ...unparsed },
  { title: 'a raw tab', bytes: get('/api/open/a\tb'), ...unparsed },
  {
    title: 'a bare line feed in the request line',
    bytes: get('/api/items\nX-Evil: 1'),
    status: 505,
    code: 'version_not_supported',
  },
  { title: 'a fragment', bytes: get('/api/items#x'), ...malformed },
  { title: 'a fragment in the query', bytes: get('/api/items?limit=1#x'), ...malformed },
  { title: 'the target *', bytes: rawRequest('OPTIONS *'), ...unknownByRouter() },
  { title: 'an authority-form target', bytes: rawRequest('CONNECT evil.example:443'), status: 0 },
  { title: 'a TRACE', bytes: rawRequest('TRACE /api/open/a'), status: 405, code: 'method_not_allowed' },
  {
    title: 'a method that is not allowed',
    bytes: rawRequest('PATCH /api/items'),
    status: 405,
    code: 'method_not_allowed',
  },
  { title: 'a method in lower case', bytes: rawRequest('get /api/items'), ...unparsed },
  { title: 'a method that nobody knows', bytes: rawRequest('PURGEALL /api/items'), ...unparsed },
  { title: 'a method of WebDAV', bytes: rawRequest('MKCOL /api/open/a'), status: 405, code: 'method_not_allowed' },
  { title: 'another case of an allowed path', bytes: get('/api/Items'), ...unknown },
  {
    title: 'an allowed path with a slash behind it',
    bytes: get('/api/items/'),
    status: 405,
    code: 'method_not_allowed',
  },
  { title: 'an allowed path with a letter encoded', bytes: get('/api/%69tems'), ...unknown },
  { title: 'an allowed path with more behind it', bytes: get('/api/itemsx'), ...unknown },
  { title: 'an allowed path with a path parameter', bytes: get('/api/items;a=b'), ...unknown },
  { title: 'an allowed path with a suffix', bytes: get('/api/items.json'), ...unknown },
  { title: 'a path that shares only letters with a tree', bytes: get('/api/opener/x'), ...unknown },
  { title: 'the mount in another case', bytes: get('/API/items'), status: 200, arrives: item },
  { title: 'the mount alone', bytes: get('/api'), ...unknown },
];

/** Express has no route for it; so says Express. */
function unknownByRouter() {
  return { status: 404 };
}

const queries: HostileRequest[] = [
  {
    title: 'a parameter that is not allowed',
    bytes: get('/api/items?admin=1'),
    status: 400,
    code: 'query_not_allowed',
  },
  {
    title: 'an allowed parameter twice',
    bytes: get('/api/items?limit=1&limit=2'),
    status: 400,
    code: 'query_not_allowed',
  },
  {
    title: 'a repeated parameter in two spellings',
    bytes: get('/api/items?limit=1&l%69mit=2'),
    status: 400,
    code: 'query_not_allowed',
  },
  {
    title: 'an allowed parameter with brackets',
    bytes: get('/api/items?limit[]=1'),
    status: 400,
    code: 'query_not_allowed',
  },
  { title: 'a parameter in another case', bytes: get('/api/items?Limit=1'), status: 400, code: 'query_not_allowed' },
  {
    title: 'a parameter behind a semicolon',
    bytes: get('/api/items?limit=1;admin=1'),
    status: 400,
    code: 'query_not_allowed',
  },
  { title: 'a parameter without a name', bytes: get('/api/items?=1'), status: 400, code: 'query_not_allowed' },
  {
    title: 'a parameter whose name is not UTF-8',
    bytes: get('/api/items?%ff=1'),
    status: 400,
    code: 'query_not_allowed',
  },
  {
    title: 'a second question mark',
    bytes: get('/api/items?limit=1?admin=1'),
    status: 200,
    arrives: { line: 'GET /v1/items?limit=1?admin=1' },
  },
  {
    title: 'an allowed parameter with a plus and an encoding in its name',
    bytes: get('/api/items?page+si%7ae=1'),
    status: 200,
    arrives: { line: 'GET /v1/items?page+si%7ae=1' },
  },
  { title: 'a query of nothing', bytes: get('/api/items?'), status: 200, arrives: { line: 'GET /v1/items?' } },
  { title: 'a percent sign without its digits in the query', bytes: get('/api/open/a?q=100%'), ...malformed },
  { title: 'raw bytes above ASCII in the query', bytes: get('/api/open/a?q=caf\xe9'), ...unparsed },
  {
    title: 'a URL in the query',
    bytes: get('/api/open/a?next=http://evil.example//x'),
    status: 200,
    arrives: { line: 'GET /v1/open/a?next=http://evil.example//x' },
  },
  {
    title: 'brackets, bars and a repeated parameter where any is allowed',
    bytes: get('/api/open/a?f[a]=1|2&f[a]=3'),
    status: 200,
    arrives: { line: 'GET /v1/open/a?f[a]=1|2&f[a]=3' },
  },
];

const headers: HostileRequest[] = [
  {
    title: 'an Authorization of the caller',
    bytes: get('/api/items', 'Authorization: Bearer mine'),
    status: 200,
    arrives: item,
  },
  {
    title: 'cookies, Forwarded headers and a foreign Host',
    bytes: get(
      '/api/items',
      'Cookie: a=b',
      'Forwarded: for=1.2.3.4',
      'X-Forwarded-For: 1.2.3.4',
      'X-Forwarded-Host: evil.example',
      'X-Real-IP: 1.2.3.4',
    ),
    status: 200,
    arrives: item,
  },
  {
    title: 'a Connection that names our Authorization',
    bytes: get('/api/items', 'Connection: Authorization, Host, Via'),
    status: 200,
    arrives: item,
  },
  {
    title: 'a Connection that names a header of the caller',
    bytes: get(
      '/api/items',
      'Connection: close, X-REQUEST-ID , If-Match',
      'X-Request-Id: 1',
      'If-Match: "a"',
      'Accept: */*',
    ),
    status: 200,
    arrives: { ...item, headers: ['accept: */*'] },
  },
  {
    title: 'a Proxy-Connection and a Keep-Alive',
    bytes: get('/api/items', 'Proxy-Connection: keep-alive', 'Keep-Alive: timeout=9'),
    status: 200,
    arrives: item,
  },
  {
    title: 'Proxy-Authorization',
    bytes: get('/api/items', 'Proxy-Authorization: Basic YTpi'),
    status: 200,
    arrives: item,
  },
  {
    title: 'method override headers',
    bytes: post([
      'Content-Length: 0',
      'X-HTTP-Method-Override: DELETE',
      'X-HTTP-Method: DELETE',
      'X-Method-Override: DELETE',
    ]),
    status: 200,
    arrives: { line: 'POST /v1/items' },
  },
  {
    title: 'headers that rewrite the address',
    bytes: get('/api/items', 'X-Original-URL: /admin', 'X-Rewrite-URL: /admin'),
    status: 200,
    arrives: item,
  },
  {
    title: 'a Via that is not ours',
    bytes: get('/api/items', 'Via: 1.1 secret-gateway.internal'),
    status: 200,
    arrives: item,
  },
  {
    title: 'two values of a header that may be forwarded',
    bytes: get('/api/items', 'Accept: a/b', 'Accept: c/d'),
    status: 200,
    arrives: { ...item, headers: ['accept: a/b, c/d'] },
  },
  {
    title: 'two Content-Type',
    bytes: post(['Content-Length: 1', 'Content-Type: text/a', 'Content-Type: text/b'], 'x'),
    status: 200,
    arrives: { line: 'POST /v1/items', headers: ['content-type: text/a'], body: 'x' },
  },
  {
    title: 'a header value with bytes above ASCII',
    bytes: get('/api/items', 'X-Request-Id: caf\xe9'),
    status: 200,
    arrives: { ...item, headers: ['x-request-id: caf\xe9'] },
  },
  { title: 'a header that continues on the next line', bytes: get('/api/items', 'X-Request-Id: a\r\n b'), ...unparsed },
  { title: 'a header with a space before its colon', bytes: get('/api/items', 'X-Request-Id : a'), ...unparsed },
  { title: 'a header with a NUL', bytes: get('/api/items', 'X-Request-Id: a\0b'), ...unparsed },
  {
    title: 'a header with a bare carriage return',
    bytes: get('/api/items', 'X-Request-Id: a\rX-Evil: b'),
    ...unparsed,
  },
  { title: 'a header without a name', bytes: get('/api/items', ': a'), ...unparsed },
  { title: 'a header of the name __proto__', bytes: get('/api/items', '__proto__: a'), status: 200, arrives: item },
  { title: 'headers of 20 KiB', bytes: get('/api/items', `X-Request-Id: ${'a'.repeat(20_000)}`), status: 431 },
  { title: 'two Host headers', bytes: get('/api/items', 'Host: evil.example'), status: 200, arrives: item },
  { title: 'no Host header', bytes: 'GET /api/items HTTP/1.1\r\n\r\n', ...unparsed },
  { title: 'an HTTP/1.0 caller', bytes: 'GET /api/items HTTP/1.0\r\n\r\n', status: 200, arrives: item },
  { title: 'an HTTP/0.9 caller', bytes: 'GET /api/items\r\n\r\n', status: 505, code: 'version_not_supported' },
  {
    title: 'an upgrade to a web socket',
    bytes: get(
      '/api/items',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ),
    status: 501,
    code: 'upgrade_not_supported',
  },
  {
    title: 'an upgrade to a web socket among others',
    bytes: get('/api/items', 'Connection: Upgrade', 'Upgrade: h2c, WebSocket/13'),
    status: 501,
    code: 'upgrade_not_supported',
  },
  {
    title: 'an offer of h2c, which may be ignored',
    bytes: get('/api/items', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'),
    status: 200,
    arrives: item,
  },
  { title: 'TE and Trailer', bytes: get('/api/items', 'TE: trailers', 'Trailer: X-Evil'), status: 200, arrives: item },
];

const framings: HostileRequest[] = [
  {
    title: 'Transfer-Encoding: gzip, chunked',
    bytes: post(['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'),
    ...untransferable,
  },
  {
    title: 'chunked twice',
    bytes: post(['Transfer-Encoding: chunked, chunked'], '0\r\n\r\n'),
    ...unparsed,
  },
  {
    title: 'chunked in two headers',
    bytes: post(['Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
    ...untransferable,
  },
  { title: 'Transfer-Encoding: identity', bytes: post(['Transfer-Encoding: identity'], 'hello'), ...untransferable },
  {
    title: 'a Transfer-Encoding with a vertical tab',
    bytes: post(['Transfer-Encoding: \x0bchunked'], '0\r\n\r\n'),
    ...unparsed,
  },
  {
    title: 'chunked in another case',
    bytes: post(['Transfer-Encoding: Chunked'], '1\r\nx\r\n0\r\n\r\n'),
    status: 200,
    arrives: { line: 'POST /v1/items', body: 'x' },
  },
  {
    title: 'Content-Length and Transfer-Encoding',
    bytes: post(['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
    ...unparsed,
  },
  {
    title: 'two different Content-Length',
    bytes: post(['Content-Length: 5', 'Content-Length: 6'], 'hello!'),
    ...unparsed,
  },
  {
    title: 'the same Content-Length twice',
    bytes: post(['Content-Length: 5', 'Content-Length: 5'], 'hello'),
    ...unparsed,
  },
  { title: 'a list of Content-Length', bytes: post(['Content-Length: 5, 5'], 'hello'), ...unparsed },
  { title: 'a negative Content-Length', bytes: post(['Content-Length: -1']), ...unparsed },
  { title: 'a Content-Length with a sign', bytes: post(['Content-Length: +5'], 'hello'), ...unparsed },
  { title: 'a hexadecimal Content-Length', bytes: post(['Content-Length: 0x5'], 'hello'), ...unparsed },
  {
    title: 'a Content-Length beyond all numbers',
    bytes: post([`Content-Length: ${'9'.repeat(30)}`], 'hello'),
    ...unparsed,
  },
  {
    title: 'a Content-Length beyond what is allowed',
    bytes: post(['Content-Length: 100001']),
    status: 413,
    code: 'body_too_large',
  },
  {
    title: 'a Content-Length of a petabyte',
    bytes: post(['Content-Length: 999999999999999']),
    status: 413,
    code: 'body_too_large',
  },
  {
    title: 'a chunk size that is no number',
    bytes: post(['Transfer-Encoding: chunked'], 'zz\r\nhello\r\n0\r\n\r\n'),
    ...unparsed,
  },
  {
    title: 'a chunk that is longer than it says',
    bytes: post(['Transfer-Encoding: chunked'], '2\r\nhello\r\n0\r\n\r\n'),
    status: 400,
  },
  {
    title: 'chunk extensions',
    bytes: post(['Transfer-Encoding: chunked'], '2;a=b\r\nhi\r\n0\r\n\r\n'),
    status: 200,
    arrives: { line: 'POST /v1/items', body: 'hi' },
  },
  {
    title: 'trailers',
    bytes: post(
      ['Transfer-Encoding: chunked', 'Trailer: X-Evil'],
      '2\r\nhi\r\n0\r\nAuthorization: Bearer mine\r\nX-Evil: 1\r\n\r\n',
    ),
    status: 200,
    arrives: { line: 'POST /v1/items', body: 'hi' },
  },
  {
    title: 'an empty chunked body',
    bytes: post(['Transfer-Encoding: chunked'], '0\r\n\r\n'),
    status: 200,
    arrives: { line: 'POST /v1/items' },
  },
  {
    title: 'chunked from an HTTP/1.0 caller',
    bytes: 'POST /api/items HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
    status: 400,
    code: 'malformed_framing',
  },
  {
    title: 'a GET with a body',
    bytes: rawRequest('GET /api/items', ['Content-Length: 5'], 'hello'),
    status: 400,
    code: 'body_not_allowed',
  },
  {
    title: 'a GET with a chunked body',
    bytes: rawRequest('GET /api/items', ['Transfer-Encoding: chunked'], '0\r\n\r\n'),
    status: 400,
    code: 'body_not_allowed',
  },
  { title: 'a HEAD with a body', bytes: rawRequest('HEAD /api/items', ['Content-Length: 5'], 'hello'), status: 400 },
  {
    title: 'a DELETE with a body',
    bytes: rawRequest('DELETE /api/items/1', ['Content-Length: 5'], 'hello'),
    status: 200,
    arrives: { line: 'DELETE /v1/items/1', body: 'hello' },
  },
  {
    title: 'Expect: 100-continue',
    bytes: post(['Content-Length: 5', 'Expect: 100-continue'], 'hello'),
    status: 200,
    arrives: { line: 'POST /v1/items', body: 'hello' },
  },
  {
    title: 'an Expect that nobody knows',
    bytes: post(['Content-Length: 5', 'Expect: 200-maybe'], 'hello'),
    status: 417,
  },
  {
    title: 'a body that is longer than announced',
    bytes: post(['Content-Length: 2'], 'hello'),
    ...unparsed,
  },
  {
    title: 'a request that hides in the body of another',
    bytes: post(['Content-Length: 37'], 'GET /api/open/a HTTP/1.1\r\nHost: x\r\n\r\n'),
    status: 200,
    arrives: { line: 'POST /v1/items', body: 'GET /api/open/a HTTP/1.1\r\nHost: x\r\n\r\n' },
  },
];

/** Each is sent on a connection of its own. */
export const hostileRequests: readonly HostileRequest[] = [...targets, ...queries, ...headers, ...framings];

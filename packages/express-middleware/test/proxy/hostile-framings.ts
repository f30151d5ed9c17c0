import { type HostileRequest, post, unparsed, untransferable } from './hostile-request.ts';
import { rawRequest } from './proxy-fixture.ts';

/** Requests with hostile framing of the body. */
export const hostileFramings: readonly HostileRequest[] = [
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
    title: 'chunked in another letter case',
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
    title: 'a Content-Length above all safe integers',
    bytes: post([`Content-Length: ${'9'.repeat(30)}`], 'hello'),
    ...unparsed,
  },
  {
    title: 'a Content-Length above the limit',
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
    title: 'a chunk size that is not a number',
    bytes: post(['Transfer-Encoding: chunked'], 'zz\r\nhello\r\n0\r\n\r\n'),
    ...unparsed,
  },
  {
    title: 'a chunk that is longer than its size',
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
    title: 'an unknown Expect',
    bytes: post(['Content-Length: 5', 'Expect: 200-maybe'], 'hello'),
    status: 417,
  },
  {
    title: 'a body that is longer than announced',
    bytes: post(['Content-Length: 2'], 'hello'),
    ...unparsed,
  },
  {
    title: 'a request in the body of another one',
    bytes: post(['Content-Length: 37'], 'GET /api/open/a HTTP/1.1\r\nHost: x\r\n\r\n'),
    status: 200,
    arrives: { line: 'POST /v1/items', body: 'GET /api/open/a HTTP/1.1\r\nHost: x\r\n\r\n' },
  },
];

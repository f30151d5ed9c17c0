import { type ConformanceCase, form, plain } from './conformance-case.ts';

const TOKEN = '/local/oauth2/token';
const methodCases = (['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const).map(
  (method): ConformanceCase => ({
    title: `${method} at the token endpoint`,
    clause: 'RFC 6749 3.2, RFC 9110 15.5.6',
    send: ({ basic }) => plain(`${method} ${TOKEN}`, basic),
    status: 405,
    headers: { allow: 'POST' },
    body: method === 'HEAD' ? /^$/ : /^\{"error":"invalid_request"/,
    reason: 'method_not_allowed',
  }),
);

/** RFC 9110 (and 9112): methods, bodies, framing. */
export const rfc9110Cases: readonly ConformanceCase[] = [
  ...methodCases,
  {
    title: 'HEAD is GET without the body',
    clause: 'RFC 9110 9.3.2',
    send: ({ reader }) => plain('HEAD /customers', `Authorization: Bearer ${reader}`),
    status: 200,
    headers: { 'content-length': /^[1-9]\d+$/ },
    body: /^$/,
  },
  {
    title: 'DELETE at a resource',
    clause: 'RFC 9110 15.5.6',
    send: ({ both }) => plain('DELETE /customers', `Authorization: Bearer ${both}`),
    status: 405,
    headers: { allow: 'GET, HEAD, POST' },
  },
  {
    title: 'unknown path',
    clause: 'RFC 9110 15.5.5',
    send: () => plain('GET /nothing'),
    status: 404,
    headers: { 'content-type': 'application/json' },
    reason: 'no_route',
  },
  {
    title: 'token endpoint without a realm',
    clause: 'F2',
    send: ({ basic }) => form('/oauth2/token', '', basic),
    status: 404,
    reason: 'no_route',
  },
  {
    title: 'a path below the token endpoint',
    clause: 'F2',
    send: ({ basic }) => form(`${TOKEN}/x`, '', basic),
    status: 404,
    reason: 'no_route',
  },
  {
    title: 'body beyond 64 KiB',
    clause: 'RFC 9110 15.5.14',
    send: ({ basic }) => form(TOKEN, `x=${'y'.repeat(65_536)}`, basic),
    status: 413,
    body: /"error":"invalid_request"/,
  },
  {
    title: 'compressed body',
    clause: 'RFC 9110 15.5.16',
    send: ({ basic }) => form(TOKEN, 'grant_type=client_credentials', basic, 'Content-Encoding: gzip'),
    status: 415,
    body: /"error":"invalid_request"/,
  },
  {
    title: 'coding of identity',
    clause: 'RFC 9110 8.4',
    send: ({ basic }) => form(TOKEN, 'grant_type=client_credentials', basic, 'Content-Encoding: identity'),
    status: 200,
  },
  {
    title: 'header name in another letter case',
    clause: 'RFC 9110 5.1',
    send: ({ basic }) => form(TOKEN, 'grant_type=client_credentials', basic.replace('Authorization', 'aUTHORIZATION')),
    status: 200,
  },
  {
    title: 'white space around a value',
    clause: 'RFC 9110 5.5',
    send: ({ basic }) => form(TOKEN, 'grant_type=client_credentials', `${basic.replace(': ', ': \t ')} \t`),
    status: 200,
  },
  {
    title: 'a customer of another type',
    clause: 'RFC 9110 15.5.16',
    send: ({ both }) => ({
      head: [
        'POST /customers HTTP/1.1',
        'Content-Type: text/plain',
        'Content-Length: 12',
        `Authorization: Bearer ${both}`,
      ],
      body: '{"name":"A"}',
    }),
    status: 415,
  },
  {
    title: 'a customer that is not JSON',
    clause: 'RFC 9110 15.5.1',
    send: ({ both }) => ({
      head: [
        'POST /customers HTTP/1.1',
        'Content-Type: application/json',
        'Content-Length: 1',
        `Authorization: Bearer ${both}`,
      ],
      body: '{',
    }),
    status: 400,
  },
  {
    title: 'line break in a header value',
    clause: 'RFC 9110 5.5',
    send: ({ basic }) => plain(`POST ${TOKEN}`, `${basic}\r\n evil`),
    status: 400,
  },
  {
    title: 'Content-Length and Transfer-Encoding',
    clause: 'RFC 9112 6.3',
    send: ({ basic }) => ({
      head: [`POST ${TOKEN} HTTP/1.1`, 'Content-Length: 3', 'Transfer-Encoding: chunked', basic],
      body: '0\r\n\r\n',
    }),
    status: 400,
  },
  {
    title: 'two different lengths',
    clause: 'RFC 9112 6.3',
    send: ({ basic }) => ({
      head: [`POST ${TOKEN} HTTP/1.1`, 'Content-Length: 3', 'Content-Length: 4', basic],
      body: 'abcd',
    }),
    status: 400,
  },
  {
    title: 'two Host headers',
    clause: 'RFC 9112 3.2',
    send: () => plain('GET /customers', 'Host: other'),
    status: 400,
    body: /"error":"invalid_request"/,
  },
];

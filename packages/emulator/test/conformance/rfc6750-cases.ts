import { basicLine, type ConformanceCase, type ConformanceContext, plain } from './conformance-case.ts';

const bare = { 'www-authenticate': 'Bearer realm="instellix"', 'cache-control': 'no-store' };
const refused = (error: string): RegExp =>
  new RegExp(`^Bearer realm="instellix", error="${error}", error_description="[^"]+"`);
const bearer = (token: string): string => `Authorization: Bearer ${token}`;
const GET = 'GET /customers';

/** A case of a request to `/customers` with this header line. */
function bearerCase(
  title: string,
  line: (stage: ConformanceContext) => string,
  status: number,
  error: string,
  reason: ConformanceCase['reason'],
): ConformanceCase {
  return {
    title,
    clause: 'RFC 6750 3.1',
    send: (stage) => plain(GET, line(stage)),
    status,
    headers: { 'www-authenticate': refused(error) },
    body: new RegExp(`"error":"${error}"`),
    ...(reason !== undefined && { reason }),
  };
}

/** RFC 6750: the resources. */
export const rfc6750Cases: readonly ConformanceCase[] = [
  {
    title: 'token in the header',
    clause: 'RFC 6750 2.1',
    send: ({ reader }) => plain(GET, bearer(reader)),
    status: 200,
    headers: { 'www-authenticate': null, 'cache-control': 'no-store' },
    body: /^\{"customers":\[/,
    reason: 'ok',
  },
  {
    title: 'scheme in another letter case',
    clause: 'RFC 9110 11.1',
    send: ({ reader }) => plain(GET, `Authorization: bEaReR ${reader}`),
    status: 200,
  },
  {
    title: 'several spaces after the scheme',
    clause: 'RFC 9110 11.4',
    send: ({ reader }) => plain(GET, `Authorization: Bearer   ${reader}`),
    status: 200,
  },
  {
    title: 'no token: a challenge without an error',
    clause: 'RFC 6750 3.1',
    send: () => plain(GET),
    status: 401,
    headers: bare,
    reason: 'no_token',
  },
  {
    title: 'another scheme: a challenge without an error',
    clause: 'RFC 6750 3.1',
    send: () => plain(GET, basicLine('a:b')),
    status: 401,
    headers: bare,
    reason: 'no_token',
  },
  {
    title: 'empty header: a challenge without an error',
    clause: 'RFC 6750 3.1',
    send: () => plain(GET, 'Authorization: '),
    status: 401,
    headers: bare,
  },
  {
    title: 'token without a scheme',
    clause: 'RFC 6750 2.1',
    send: ({ reader }) => plain(GET, `Authorization: ${reader}`),
    status: 401,
    headers: bare,
  },
  {
    title: 'token in the URL is ignored',
    clause: 'RFC 6750 2.3',
    send: ({ reader }) => plain(`GET /customers?access_token=${reader}`),
    status: 401,
    headers: bare,
  },
  {
    title: 'token in the body is ignored',
    clause: 'RFC 6750 2.2',
    send: ({ both }) => {
      const body = `access_token=${both}`;
      return {
        head: [
          'POST /customers HTTP/1.1',
          'Content-Type: application/x-www-form-urlencoded',
          `Content-Length: ${body.length}`,
        ],
        body,
      };
    },
    status: 401,
    headers: bare,
  },
  {
    title: 'token in header and URL',
    clause: 'RFC 6750 2, 3.1',
    send: ({ reader }) => plain(`GET /customers?access_token=${reader}`, bearer(reader)),
    status: 400,
    headers: { 'www-authenticate': refused('invalid_request') },
  },
  {
    title: 'two headers',
    clause: 'RFC 6750 2, RFC 9110 5.3',
    send: ({ reader }) => plain(GET, bearer(reader), bearer(reader)),
    status: 400,
    headers: { 'www-authenticate': refused('invalid_request') },
    reason: 'malformed_token',
  },
  bearerCase('scheme without a token', () => 'Authorization: Bearer', 400, 'invalid_request', 'malformed_token'),
  bearerCase(
    'two tokens after the scheme',
    ({ reader }) => bearer(`${reader} ${reader}`),
    400,
    'invalid_request',
    'malformed_token',
  ),
  bearerCase('characters that a token cannot have', () => bearer('{abc}'), 401, 'invalid_token', 'malformed_token'),
  bearerCase('"=" in the middle', () => bearer('a=b'), 401, 'invalid_token', 'malformed_token'),
  bearerCase('unknown token', () => bearer('abc'), 401, 'invalid_token', 'unknown_token'),
  bearerCase('expired token', ({ expired }) => bearer(expired), 401, 'invalid_token', 'token_expired'),
  bearerCase('revoked token', ({ revoked }) => bearer(revoked), 401, 'invalid_token', 'token_revoked'),
  bearerCase(
    'token in another letter case',
    ({ reader }) => bearer(reader.toUpperCase()),
    401,
    'invalid_token',
    'unknown_token',
  ),
  bearerCase('truncated token', ({ reader }) => bearer(reader.slice(0, -1)), 401, 'invalid_token', 'unknown_token'),
  bearerCase(
    'a JWT without a signature',
    () => bearer('eyJhbGciOiJub25lIn0.e30.'),
    401,
    'invalid_token',
    'unknown_token',
  ),
  {
    title: 'missing scope: a 403 with the scope',
    clause: 'RFC 6750 3.1',
    send: ({ reader }) => ({
      head: ['POST /customers HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 12', bearer(reader)],
      body: '{"name":"A"}',
    }),
    status: 403,
    headers: { 'www-authenticate': /error="insufficient_scope".*, scope="customers:write"$/ },
    reason: 'insufficient_scope',
  },
  {
    title: 'any valid token',
    clause: 'F9',
    send: ({ reader }) => plain('GET /some-resource', bearer(reader)),
    status: 200,
    body: /"resource":"some-resource"/,
  },
  {
    title: 'created with the scope',
    clause: 'RFC 9110 15.3.2',
    send: ({ both }) => ({
      head: ['POST /customers HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 12', bearer(both)],
      body: '{"name":"A"}',
    }),
    status: 201,
    body: /^\{"id":"[^"]+","name":"A"\}$/,
    reason: 'created',
  },
];

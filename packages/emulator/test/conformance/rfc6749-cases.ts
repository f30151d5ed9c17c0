import { basicLine, type ConformanceCase, form, plain, tokenRequest } from './conformance-case.ts';

const TOKEN = '/local/oauth2/token';
const GRANT = 'grant_type=client_credentials';
const noStore = { 'cache-control': 'no-store', pragma: 'no-cache', 'content-type': 'application/json' };
const challenge = { ...noStore, 'www-authenticate': /^Basic realm="[^"]+"/ };
const faulty = { ...noStore, 'www-authenticate': null };
const error = (code: string): RegExp =>
  new RegExp(`^\\{"error":"${code}","error_description":"[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]+"\\}$`);
const issued = /^\{"access_token":"[\w-]{43}","token_type":"bearer","expires_in":300\}$/;

const multipart = (body: string, boundary = 'xyz'): { head: string[]; body: string } => ({
  head: [
    `POST ${TOKEN} HTTP/1.1`,
    `Content-Type: multipart/form-data; boundary=${boundary}`,
    `Content-Length: ${body.length}`,
  ],
  body,
});
const part = (name: string, value: string): string =>
  `--xyz\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

/** A case of a form that is sent with valid credentials. */
function formCase(title: string, clause: string, body: string, expected: Partial<ConformanceCase>): ConformanceCase {
  return { title, clause, send: ({ basic }) => form(TOKEN, body, basic), status: 400, headers: faulty, ...expected };
}

/** A case of a rejected client. */
function refusedCase(
  title: string,
  clause: string,
  line: string | undefined,
  reason: ConformanceCase['reason'],
): ConformanceCase {
  return {
    title,
    clause,
    send: () => tokenRequest(...(line === undefined ? [] : [line])),
    status: 401,
    headers: challenge,
    body: error('invalid_client'),
    ...(reason !== undefined && { reason }),
  };
}

/** RFC 6749: the token endpoint. */
export const rfc6749Cases: readonly ConformanceCase[] = [
  {
    title: 'client credentials grant',
    clause: 'RFC 6749 4.4.2, 5.1',
    send: ({ basic }) => tokenRequest(basic),
    status: 200,
    headers: { ...noStore, 'www-authenticate': null },
    body: issued,
    reason: 'issued',
  },
  {
    title: 'multipart form, as the vendor documents it',
    clause: 'F4',
    send: ({ basic }) => ({
      ...multipart(`${part('grant_type', 'client_credentials')}--xyz--\r\n`),
      head: [...multipart(`${part('grant_type', 'client_credentials')}--xyz--\r\n`).head, basic],
    }),
    status: 200,
    headers: noStore,
    body: issued,
    reason: 'issued',
  },
  {
    title: 'scheme name in another letter case',
    clause: 'RFC 9110 11.1',
    send: ({ basic }) => tokenRequest(basic.replace('Basic', 'bAsIc')),
    status: 200,
    body: issued,
  },
  {
    title: 'form with a charset',
    clause: 'RFC 6749 B',
    send: ({ basic }) => ({
      head: [
        `POST ${TOKEN} HTTP/1.1`,
        'Content-Type: application/x-www-form-urlencoded; charset=UTF-8',
        `Content-Length: ${GRANT.length}`,
        basic,
      ],
      body: GRANT,
    }),
    status: 200,
    body: issued,
  },
  {
    title: 'chunked form',
    clause: 'RFC 9112 7.1',
    send: ({ basic }) => ({
      head: [
        `POST ${TOKEN} HTTP/1.1`,
        'Content-Type: application/x-www-form-urlencoded',
        'Transfer-Encoding: chunked',
        basic,
      ],
      body: '0b\r\ngrant_type=\r\n12\r\nclient_credentials\r\n0\r\n\r\n',
    }),
    status: 200,
    body: issued,
  },
  formCase('unknown parameter', 'RFC 6749 3.2', `${GRANT}&foo=bar`, { status: 200, headers: noStore, body: issued }),
  formCase('parameter without a value is ignored', 'RFC 6749 3.2', `${GRANT}&scope=`, {
    status: 200,
    headers: noStore,
    body: issued,
  }),
  formCase('percent-encoded name and value', 'RFC 6749 B', 'grant%5Ftype=client%5Fcredentials', {
    status: 200,
    headers: noStore,
    body: issued,
  }),
  formCase('a part of the scopes', 'RFC 6749 3.3', `${GRANT}&scope=customers%3Aread`, {
    status: 200,
    headers: noStore,
    body: issued,
  }),
  formCase('scopes in any order', 'RFC 6749 3.3', `${GRANT}&scope=customers:write+customers:read`, {
    status: 200,
    headers: noStore,
    body: issued,
  }),
  formCase('own client_id beside the header', 'RFC 6749 2.3.1', `${GRANT}&client_id=local-client`, {
    status: 200,
    headers: noStore,
    body: issued,
  }),
  formCase('no grant_type', 'RFC 6749 5.2', 'scope=customers:read', {
    body: error('invalid_request'),
    reason: 'invalid_request',
  }),
  formCase('empty grant_type', 'RFC 6749 3.2', 'grant_type=', { body: error('invalid_request') }),
  formCase('empty body', 'RFC 6749 5.2', '', { body: error('invalid_request') }),
  formCase('grant_type twice', 'RFC 6749 3.2', `${GRANT}&${GRANT}`, { body: error('invalid_request') }),
  formCase('scope twice', 'RFC 6749 3.2', `${GRANT}&scope=customers:read&scope=customers:read`, {
    body: error('invalid_request'),
  }),
  formCase('unknown parameter twice', 'RFC 6749 3.2', `${GRANT}&a=1&a=2`, { body: error('invalid_request') }),
  formCase('grant_type in capitals', 'RFC 6749 4.4.2', 'grant_type=CLIENT_CREDENTIALS', {
    body: error('unsupported_grant_type'),
    reason: 'unsupported_grant_type',
  }),
  formCase('authorization_code', 'RFC 6749 5.2', 'grant_type=authorization_code&code=x', {
    body: error('unsupported_grant_type'),
  }),
  formCase('password grant', 'RFC 6749 5.2', 'grant_type=password&username=a&password=b', {
    body: error('unsupported_grant_type'),
  }),
  formCase('refresh_token grant', 'RFC 6749 4.4.3', 'grant_type=refresh_token&refresh_token=x', {
    body: error('unsupported_grant_type'),
  }),
  formCase('scope beyond the roles', 'RFC 6749 5.2', `${GRANT}&scope=orders:read`, {
    body: error('invalid_scope'),
    reason: 'invalid_scope',
  }),
  formCase('scope with two spaces', 'RFC 6749 3.3', `${GRANT}&scope=customers:read++customers:write`, {
    body: error('invalid_scope'),
  }),
  formCase('scope with a quotation mark', 'RFC 6749 3.3', `${GRANT}&scope=%22customers:read%22`, {
    body: error('invalid_scope'),
  }),
  formCase('scope in another letter case', 'RFC 6749 3.3', `${GRANT}&scope=Customers:Read`, {
    body: error('invalid_scope'),
  }),
  formCase('secret in header and body', 'RFC 6749 2.3', `${GRANT}&client_id=local-client&client_secret=x`, {
    body: error('invalid_request'),
  }),
  formCase('assertion beside the header', 'RFC 6749 2.3', `${GRANT}&client_assertion=x`, {
    body: error('invalid_request'),
  }),
  formCase('client_id of another client', 'RFC 6749 2.3.1', `${GRANT}&client_id=other`, {
    body: error('invalid_request'),
  }),
  {
    title: 'secret in the URL',
    clause: 'RFC 6749 2.3.1',
    send: ({ basic, secret }) => form(`${TOKEN}?client_secret=${secret}`, GRANT, basic),
    status: 400,
    headers: faulty,
    body: error('invalid_request'),
  },
  {
    title: 'parameters in the URL are ignored',
    clause: 'RFC 6749 3.2',
    send: ({ basic }) => form(`${TOKEN}?${GRANT}`, '', basic),
    status: 400,
    headers: faulty,
    body: error('invalid_request'),
  },
  {
    title: 'JSON body',
    clause: 'RFC 6749 3.2',
    send: ({ basic }) => ({
      head: [`POST ${TOKEN} HTTP/1.1`, 'Content-Type: application/json', 'Content-Length: 35', basic],
      body: '{"grant_type":"client_credentials"}\n',
    }),
    status: 400,
    body: error('invalid_request'),
  },
  {
    title: 'no content type',
    clause: 'RFC 6749 3.2',
    send: ({ basic }) => ({ head: [`POST ${TOKEN} HTTP/1.1`, `Content-Length: ${GRANT.length}`, basic], body: GRANT }),
    status: 400,
    body: error('invalid_request'),
  },
  {
    title: 'multipart without an end',
    clause: 'RFC 2046 5.1.1',
    send: ({ basic }) => {
      const raw = multipart(part('grant_type', 'client_credentials'));
      return { ...raw, head: [...raw.head, basic] };
    },
    status: 400,
    body: error('invalid_request'),
  },
  {
    title: 'multipart field twice',
    clause: 'RFC 6749 3.2',
    send: ({ basic }) => {
      const raw = multipart(`${part('grant_type', 'client_credentials').repeat(2)}--xyz--\r\n`);
      return { ...raw, head: [...raw.head, basic] };
    },
    status: 400,
    body: error('invalid_request'),
  },
  refusedCase('no Authorization', 'RFC 6749 5.2', undefined, 'no_credentials'),
  refusedCase('another scheme', 'RFC 6749 5.2', 'Authorization: Bearer abc', 'no_credentials'),
  refusedCase('scheme without credentials', 'RFC 7617 2', 'Authorization: Basic', 'no_credentials'),
  refusedCase('base64 without padding', 'RFC 4648 3.2', 'Authorization: Basic YTpiYw', 'no_credentials'),
  refusedCase('base64url alphabet', 'RFC 4648 4', 'Authorization: Basic _-__', 'no_credentials'),
  refusedCase('no colon in the pair', 'RFC 7617 2', basicLine('local-client'), 'no_credentials'),
  refusedCase('control character in the pair', 'RFC 7617 2', basicLine('local-client:a\u0000b'), 'no_credentials'),
  refusedCase('unknown client', 'RFC 6749 5.2', basicLine('nobody:x'), 'unknown_client'),
  refusedCase('wrong secret', 'RFC 6749 5.2', basicLine('local-client:x'), 'wrong_secret'),
  refusedCase('empty secret', 'RFC 6749 5.2', basicLine('local-client:'), 'wrong_secret'),
  refusedCase('empty client id', 'RFC 6749 5.2', basicLine(':x'), 'unknown_client'),
  refusedCase('client id in another letter case', 'RFC 6749 2.2', basicLine('LOCAL-CLIENT:x'), 'unknown_client'),
  {
    title: 'the client is authenticated before its parameters are checked',
    clause: 'RFC 6749 5.2',
    send: () => form(TOKEN, 'grant_type=password', basicLine('local-client:x')),
    status: 401,
    headers: challenge,
    body: error('invalid_client'),
  },
  {
    title: 'two Authorization headers',
    clause: 'RFC 6749 2.3, RFC 9110 5.3',
    send: ({ basic }) => tokenRequest(basic, basic),
    status: 400,
    headers: faulty,
    body: error('invalid_request'),
  },
  {
    title: 'unknown realm',
    clause: 'F2',
    send: ({ basic }) => form('/nowhere/oauth2/token', GRANT, basic),
    status: 401,
    headers: challenge,
    body: error('invalid_client'),
    reason: 'unknown_realm',
  },
  {
    title: 'realm in another letter case',
    clause: 'F2, RFC 3986 6.2.2.1',
    send: ({ basic }) => form('/LOCAL/oauth2/token', GRANT, basic),
    status: 401,
    headers: challenge,
    reason: 'unknown_realm',
  },
  {
    title: 'realm percent-encoded',
    clause: 'RFC 3986 6.2.2.2',
    send: ({ basic }) => form('/%6Cocal/oauth2/token', GRANT, basic),
    status: 200,
    body: issued,
  },
  {
    title: 'form-encoded pair that differs from the plain one',
    clause: 'F3',
    send: () => tokenRequest(basicLine('a+client%2Fb:100%25+%2B')),
    status: 401,
    headers: challenge,
    reason: 'unknown_client',
  },
  {
    title: 'plain pair with the same characters',
    clause: 'F3',
    send: () => tokenRequest(basicLine('a client/b:100% +')),
    status: 200,
    body: issued,
  },
  {
    title: 'secret with a colon',
    clause: 'RFC 7617 2',
    send: () => tokenRequest(basicLine('colon:a:b:c')),
    status: 200,
    body: issued,
  },
  {
    title: 'secret beyond ASCII',
    clause: 'RFC 7617 2.1',
    send: () => tokenRequest(basicLine('unicode:ü€😀')),
    status: 200,
    body: issued,
  },
  {
    title: 'credentials in the body only',
    clause: 'F3',
    send: ({ secret }) => form(TOKEN, `${GRANT}&client_id=local-client&client_secret=${secret}`),
    status: 401,
    headers: challenge,
    reason: 'no_credentials',
  },
  {
    title: 'profile rfc: credentials in the body',
    clause: 'RFC 6749 2.3.1',
    profile: 'rfc',
    send: ({ secret }) => form(TOKEN, `${GRANT}&client_id=local-client&client_secret=${secret}`),
    status: 200,
    headers: noStore,
    body: /"token_type":"Bearer","expires_in":300,"scope":"customers:read customers:write"\}$/,
  },
  {
    title: 'profile rfc: wrong secret in the body',
    clause: 'RFC 6749 5.2',
    profile: 'rfc',
    send: () => form(TOKEN, `${GRANT}&client_id=local-client&client_secret=x`),
    status: 401,
    headers: challenge,
    reason: 'wrong_secret',
  },
  {
    title: 'profile rfc: the response contains the granted scope',
    clause: 'RFC 6749 5.1',
    profile: 'rfc',
    send: ({ basic }) => form(TOKEN, `${GRANT}&scope=customers:read`, basic),
    status: 200,
    body: /"scope":"customers:read"\}$/,
  },
  {
    title: 'profile rfc: a multipart form is rejected',
    clause: 'RFC 6749 3.2',
    profile: 'rfc',
    send: ({ basic }) => {
      const raw = multipart(`${part('grant_type', 'client_credentials')}--xyz--\r\n`);
      return { ...raw, head: [...raw.head, basic] };
    },
    status: 400,
    body: error('invalid_request'),
  },
  {
    title: 'profile rfc: a form-encoded pair',
    clause: 'RFC 6749 2.3.1',
    profile: 'rfc',
    send: () => tokenRequest(basicLine('a+client%2Fb:100%25+%2B')),
    status: 200,
    body: /"access_token"/,
  },
  {
    title: 'profile rfc: a plain pair is decoded',
    clause: 'RFC 6749 2.3.1',
    profile: 'rfc',
    send: () => tokenRequest(basicLine('plus:a+b')),
    status: 401,
    headers: challenge,
    reason: 'wrong_secret',
  },
  {
    title: 'profile rfc: no throttle',
    clause: 'F8 is a rule of the vendor',
    profile: 'rfc',
    send: ({ basic }) => tokenRequest(basic),
    status: 200,
    body: /"access_token"/,
  },
  {
    title: 'metadata of a realm',
    clause: 'RFC 8414 3',
    send: () => plain('GET /.well-known/oauth-authorization-server/local'),
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: /"issuer":"http:\/\/127\.0\.0\.1:\d+\/local","token_endpoint":"http:\/\/127\.0\.0\.1:\d+\/local\/oauth2\/token"/,
  },
  {
    title: 'metadata of an unknown realm',
    clause: 'RFC 8414 3.2',
    send: () => plain('GET /.well-known/oauth-authorization-server/nowhere'),
    status: 404,
    reason: 'no_route',
  },
];

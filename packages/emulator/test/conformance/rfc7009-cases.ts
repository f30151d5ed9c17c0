import { basicLine, type ConformanceCase, form, plain } from './conformance-case.ts';

const REVOKE = '/local/oauth2/revoke';
const noBody = { 'cache-control': 'no-store', 'content-length': '0' };
const invalid = /^\{"error":"invalid_request",/;

/** RFC 7009: revocation. */
export const rfc7009Cases: readonly ConformanceCase[] = [
  {
    title: 'own token',
    clause: 'RFC 7009 2.1, 2.2',
    send: ({ basic, both }) => form(REVOKE, `token=${both}`, basic),
    status: 200,
    headers: noBody,
    body: /^$/,
    reason: 'ok',
  },
  {
    title: 'with a hint',
    clause: 'RFC 7009 2.1',
    send: ({ basic, both }) => form(REVOKE, `token=${both}&token_type_hint=access_token`, basic),
    status: 200,
  },
  {
    title: 'with a wrong hint',
    clause: 'RFC 7009 2.1',
    send: ({ basic, both }) => form(REVOKE, `token=${both}&token_type_hint=refresh_token`, basic),
    status: 200,
  },
  {
    title: 'with an unknown hint',
    clause: 'RFC 7009 2.2',
    send: ({ basic, both }) => form(REVOKE, `token=${both}&token_type_hint=x`, basic),
    status: 200,
  },
  {
    title: 'unknown token is a success',
    clause: 'RFC 7009 2.2',
    send: ({ basic }) => form(REVOKE, 'token=abc', basic),
    status: 200,
    headers: noBody,
  },
  {
    title: 'expired token',
    clause: 'RFC 7009 2.2',
    send: ({ basic, expired }) => form(REVOKE, `token=${expired}`, basic),
    status: 200,
  },
  {
    title: 'revoked token',
    clause: 'RFC 7009 2.2',
    send: ({ basic, revoked }) => form(REVOKE, `token=${revoked}`, basic),
    status: 200,
  },
  {
    title: 'token of another client',
    clause: 'RFC 7009 2.1',
    send: ({ basic, reader }) => form(REVOKE, `token=${reader}`, basic),
    status: 400,
    body: invalid,
    reason: 'invalid_request',
  },
  {
    title: 'no token',
    clause: 'RFC 7009 2.2.1',
    send: ({ basic }) => form(REVOKE, 'token_type_hint=access_token', basic),
    status: 400,
    body: invalid,
  },
  {
    title: 'token twice',
    clause: 'RFC 6749 3.2',
    send: ({ basic, both }) => form(REVOKE, `token=${both}&token=${both}`, basic),
    status: 400,
    body: invalid,
  },
  {
    title: 'no client authentication',
    clause: 'RFC 7009 2.1',
    send: ({ both }) => form(REVOKE, `token=${both}`),
    status: 401,
    headers: { 'www-authenticate': /^Basic / },
    body: /"error":"invalid_client"/,
    reason: 'no_credentials',
  },
  {
    title: 'wrong secret',
    clause: 'RFC 7009 2.2.1',
    send: ({ both }) => form(REVOKE, `token=${both}`, basicLine('local-client:x')),
    status: 401,
    body: /"error":"invalid_client"/,
    reason: 'wrong_secret',
  },
  {
    title: 'another method',
    clause: 'RFC 7009 2.1',
    send: ({ basic, both }) => plain(`GET ${REVOKE}?token=${both}`, basic),
    status: 405,
    headers: { allow: 'POST' },
    reason: 'method_not_allowed',
  },
  {
    title: 'a form of another type',
    clause: 'RFC 7009 2.1',
    send: ({ basic, both }) => {
      const body = `{"token":"${both}"}`;
      return {
        head: [`POST ${REVOKE} HTTP/1.1`, 'Content-Type: application/json', `Content-Length: ${body.length}`, basic],
        body,
      };
    },
    status: 400,
    body: invalid,
  },
];

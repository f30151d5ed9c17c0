import { describe, expect, test } from 'vitest';
import { useEmulators } from '../wire/emulators.ts';
import { sendRaw } from '../wire/send-raw.ts';
import {
  basic,
  callResource,
  callToken,
  lastReason,
  multipartForm,
  obtainToken,
  type TokenCall,
} from '../wire/token-call.ts';

const start = useEmulators();

describe('a request that the vendor documents', () => {
  test('gets a token in the vendor’s three members, without caching', async () => {
    const emulator = await start();
    const response = await callToken(emulator);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      pragma: 'no-cache',
    });
    const body = (await response.json()) as Record<string, unknown>;
    expect(Object.keys(body)).toEqual(['access_token', 'token_type', 'expires_in']);
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 300 });
    expect(body['access_token']).toMatch(/^[\w-]{43}$/);
    expect(await lastReason(emulator)).toBe('issued');
  });

  test('gets the configured lifetime', async () => {
    const emulator = await start({ tokenTtlSeconds: 7 });
    expect(await (await callToken(emulator)).json()).toMatchObject({ expires_in: 7 });
  });

  test('is accepted in the bytes of curl', async () => {
    const emulator = await start();
    const boundary = '------------------------d74496d66958873e';
    const body = `--${boundary}\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\nclient_credentials\r\n--${boundary}--\r\n`;
    const response = await sendRaw(
      emulator.url,
      [
        'POST /local/oauth2/token HTTP/1.1',
        `Authorization: ${basic(emulator.clientId, emulator.clientSecret)}`,
        'Accept: */*',
        `Content-Length: ${body.length}`,
        `Content-Type: multipart/form-data; boundary=${boundary}`,
      ],
      body,
    );
    expect(response.statusLine).toBe('HTTP/1.1 200 OK');
  });
});

const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };

describe('bodies', () => {
  const accepted: Record<string, TokenCall> = {
    'urlencoded, as RFC 6749 requires': { body: new URLSearchParams({ grant_type: 'client_credentials' }) },
    'urlencoded with a charset': {
      headers: { 'content-type': 'Application/X-WWW-Form-URLEncoded; charset=UTF-8' },
      body: 'grant_type=client_credentials',
    },
    'an unknown parameter (RFC 6749 section 3.2)': {
      headers: urlencoded,
      body: 'grant_type=client_credentials&x=1',
    },
    'a parameter without a value, which is ignored': {
      headers: urlencoded,
      body: 'grant_type=client_credentials&scope=',
    },
    'its own client id': { body: multipartForm({ grant_type: 'client_credentials', client_id: 'local-client' }) },
    'a quoted boundary and a preamble': {
      headers: { 'content-type': 'multipart/form-data; boundary="a b"' },
      body: 'preamble\r\n--a b\r\ncontent-disposition: form-data; name=grant_type\r\n\r\nclient_credentials\r\n--a b--',
    },
    'a content coding of identity': {
      headers: { ...urlencoded, 'content-encoding': 'identity' },
      body: 'grant_type=client_credentials',
    },
  };
  test.each(Object.entries(accepted))('%s: accepted', async (_title, call) => {
    expect((await callToken(await start(), call)).status).toBe(200);
  });

  const refused: Record<string, [TokenCall, status: number, error: string]> = {
    'no grant_type': [{ body: multipartForm({ scope: 'customers:read' }) }, 400, 'invalid_request'],
    'an empty grant_type': [{ headers: urlencoded, body: 'grant_type=' }, 400, 'invalid_request'],
    'no body': [{ body: null }, 400, 'invalid_request'],
    'a JSON body': [
      { headers: { 'content-type': 'application/json' }, body: '{"grant_type":"client_credentials"}' },
      400,
      'invalid_request',
    ],
    'a form without a content type': [
      { headers: { 'content-type': '' }, body: Buffer.from('grant_type=client_credentials') },
      400,
      'invalid_request',
    ],
    'a parameter given twice': [
      { headers: urlencoded, body: 'grant_type=client_credentials&grant_type=client_credentials' },
      400,
      'invalid_request',
    ],
    'an unknown parameter given twice': [
      { headers: urlencoded, body: 'grant_type=client_credentials&x=1&x=2' },
      400,
      'invalid_request',
    ],
    'another grant type': [{ body: multipartForm({ grant_type: 'password' }) }, 400, 'unsupported_grant_type'],
    'the right grant type in capitals': [
      { body: multipartForm({ grant_type: 'CLIENT_CREDENTIALS' }) },
      400,
      'unsupported_grant_type',
    ],
    'a secret in the body beside the header': [
      { body: multipartForm({ grant_type: 'client_credentials', client_secret: 'x' }) },
      400,
      'invalid_request',
    ],
    'an assertion beside the header': [
      { body: multipartForm({ grant_type: 'client_credentials', client_assertion: 'x' }) },
      400,
      'invalid_request',
    ],
    'another client’s id in the body': [
      { body: multipartForm({ grant_type: 'client_credentials', client_id: 'other-client' }) },
      400,
      'invalid_request',
    ],
    'a secret in the URL beside the header': [{ query: '?client_secret=x' }, 400, 'invalid_request'],
    'a multipart form without a boundary': [
      { headers: { 'content-type': 'multipart/form-data' }, body: '--x\r\n\r\n--x--' },
      400,
      'invalid_request',
    ],
    'a multipart form that does not end': [
      {
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: '--x\r\ncontent-disposition: form-data; name="grant_type"\r\n\r\nclient_credentials',
      },
      400,
      'invalid_request',
    ],
    'a file instead of a field': [
      {
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: '--x\r\ncontent-disposition: form-data; name="grant_type"; filename="f"\r\n\r\nclient_credentials\r\n--x--',
      },
      400,
      'invalid_request',
    ],
    'bytes that are not UTF-8': [{ headers: urlencoded, body: Buffer.from([0xff, 0xfe]) }, 400, 'invalid_request'],
    'a compressed body': [
      { headers: { ...urlencoded, 'content-encoding': 'gzip' }, body: 'grant_type=client_credentials' },
      415,
      'invalid_request',
    ],
    'a body beyond 64 KiB': [{ headers: urlencoded, body: `x=${'y'.repeat(65_536)}` }, 413, 'invalid_request'],
    'a scope beyond the roles': [
      { body: multipartForm({ grant_type: 'client_credentials', scope: 'customers:read orders:read' }) },
      400,
      'invalid_scope',
    ],
    'a scope with two spaces': [
      { body: multipartForm({ grant_type: 'client_credentials', scope: 'customers:read  customers:write' }) },
      400,
      'invalid_scope',
    ],
    'a scope with a quotation mark': [
      { body: multipartForm({ grant_type: 'client_credentials', scope: '"customers:read"' }) },
      400,
      'invalid_scope',
    ],
  };
  test.each(Object.entries(refused))(
    '%s: rejected as in RFC 6749 section 5.2',
    async (_title, [call, status, error]) => {
      const emulator = await start();
      const response = await callToken(emulator, call);
      expect(response.status).toBe(status);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('www-authenticate')).toBeNull();
      expect(await response.json()).toEqual({ error, error_description: expect.any(String) });
      expect(await lastReason(emulator)).toBe(error);
      expect((await callToken(emulator)).status, 'a refused request must not start the throttle').toBe(200);
    },
  );

  test('rejects a chunked body above 64 KiB', async () => {
    const emulator = await start();
    const chunk = 'y'.repeat(40_000);
    const response = await sendRaw(
      emulator.url,
      [
        'POST /local/oauth2/token HTTP/1.1',
        `Authorization: ${basic(emulator.clientId, emulator.clientSecret)}`,
        'Content-Type: application/x-www-form-urlencoded',
        'Transfer-Encoding: chunked',
      ],
      `9c40\r\n${chunk}\r\n9c40\r\n${chunk}\r\n0\r\n\r\n`,
    );
    expect(response.statusLine).toBe('HTTP/1.1 413 Payload Too Large');
  });

  test('accepts a chunked form', async () => {
    const emulator = await start();
    const response = await sendRaw(
      emulator.url,
      [
        'POST /local/oauth2/token HTTP/1.1',
        `Authorization: ${basic(emulator.clientId, emulator.clientSecret)}`,
        'Content-Type: application/x-www-form-urlencoded',
        'Transfer-Encoding: chunked',
      ],
      '0b\r\ngrant_type=\r\n12\r\nclient_credentials\r\n0\r\n\r\n',
    );
    expect(response.statusLine).toBe('HTTP/1.1 200 OK');
  });
});

describe('scopes', () => {
  test('grants only the requested scopes', async () => {
    const emulator = await start();
    const token = await obtainToken(emulator, {
      body: multipartForm({ grant_type: 'client_credentials', scope: 'customers:read customers:read' }),
    });
    expect((await callResource(emulator, '/customers', token)).status).toBe(200);
    expect((await callResource(emulator, '/customers', token, { method: 'POST', body: '{}' })).status).toBe(403);
  });

  test('without a scope parameter, grants all scopes of the roles', async () => {
    const emulator = await start();
    const token = await obtainToken(emulator);
    const init = { method: 'POST', body: '{"name":"New"}', headers: { 'content-type': 'application/json' } };
    expect((await callResource(emulator, '/customers', token)).status).toBe(200);
    expect((await callResource(emulator, '/customers', token, init)).status).toBe(201);
  });
});

describe('methods', () => {
  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    '%s is a 405 with the allowed method',
    async (method) => {
      const emulator = await start();
      const response = await callToken(emulator, { method, body: null });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('POST');
      expect(await emulator.requests.list()).toMatchObject([
        { endpoint: 'token', method, reason: 'method_not_allowed' },
      ]);
    },
  );
});

describe('Basic credentials', () => {
  test('accepts any valid realm, client id and secret', async () => {
    const emulator = await start();
    const realms = ['acme & söhne', 'a%2Fb', 'a?b#c', 'a+b', '日本', '...'];
    for (const [index, realm] of realms.entries()) {
      const { clientId, clientSecret } = await emulator.credentials.create({
        roles: ['reader'],
        realm,
        clientId: `client ${index} %41+ü`,
        clientSecret: 'a:b c%20+ü€',
      });
      expect((await callToken(emulator, { realm, clientId, clientSecret })).status, realm).toBe(200);
      expect(await emulator.requests.list({ realm, clientId })).toHaveLength(1);
    }
  });

  test.each(['%zz', '%00', '%2e%2e', '%2F', 'a%2Fb', '%F0%9F'])(
    'a realm of unusual bytes such as %s is unknown',
    async (segment) => {
      const emulator = await start();
      const response = await sendRaw(emulator.url, [
        `POST /${segment}/oauth2/token HTTP/1.1`,
        `Authorization: ${basic(emulator.clientId, emulator.clientSecret)}`,
        'Content-Length: 0',
      ]);
      // URLs drop an encoded ".." as they drop a plain one.
      expect(response.statusLine).toMatch(segment === '%2e%2e' ? / 404 / : / 401 /);
      expect(await lastReason(emulator)).toBe(segment === '%2e%2e' ? 'no_route' : 'unknown_realm');
    },
  );

  test('profile rfc: decodes both halves of the pair (RFC 6749 section 2.3.1)', async () => {
    const emulator = await start({ profile: 'rfc' });
    const credential = { clientId: 'a b/ü', clientSecret: '100% +:secret' };
    await emulator.credentials.create({ roles: ['reader'], ...credential });
    const encode = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2);
    const call = { clientId: encode(credential.clientId), clientSecret: encode(credential.clientSecret) };
    const body = new URLSearchParams({ grant_type: 'client_credentials' });
    expect((await callToken(emulator, { ...call, body })).status).toBe(200);
    const plain = { clientId: 'a b/ü', clientSecret: '100+', body };
    expect((await callToken(emulator, plain)).status, 'the plain pair').toBe(401);
    expect(await emulator.requests.count({ clientId: credential.clientId, reason: 'issued' })).toBe(1);
  });

  test('profile vendor: a form-encoded pair that differs from the plain one is a 401 (F3)', async () => {
    const emulator = await start();
    await emulator.credentials.create({ roles: ['reader'], clientId: 'a%20b', clientSecret: 'plain' });
    await emulator.credentials.create({ roles: ['reader'], clientId: 'a b', clientSecret: '100%' });
    expect((await callToken(emulator, { clientId: 'a%20b', clientSecret: 'plain' })).status).toBe(200);
    expect((await callToken(emulator, { clientId: 'a%20b', clientSecret: '100%25' })).status).toBe(401);
    expect((await callToken(emulator, { clientId: 'a b', clientSecret: '100%25' })).status).toBe(401);
    expect(await emulator.requests.list()).toMatchObject([
      { clientId: 'a%20b', reason: 'issued' },
      { clientId: 'a%20b', reason: 'wrong_secret' },
      { clientId: 'a b', reason: 'wrong_secret' },
    ]);
  });

  test('rejects a second Authorization header with 400', async () => {
    const emulator = await start();
    const header = `Authorization: ${basic(emulator.clientId, emulator.clientSecret)}`;
    const body = 'grant_type=client_credentials';
    const response = await sendRaw(
      emulator.url,
      [
        'POST /local/oauth2/token HTTP/1.1',
        header,
        header,
        'Content-Type: application/x-www-form-urlencoded',
        `Content-Length: ${body.length}`,
      ],
      body,
    );
    expect(response.statusLine).toBe('HTTP/1.1 400 Bad Request');
    expect(await lastReason(emulator)).toBe('invalid_request');
  });

  const pair = (text: string | Uint8Array): string => `Basic ${Buffer.from(text).toString('base64')}`;
  const malformed: Record<string, string | null> = {
    'no header': null,
    'another scheme': 'Bearer abc',
    'the scheme alone': 'Basic',
    'no colon': pair('local-client'),
    'base64 without its padding': 'Basic YTpiYw',
    'base64url letters': 'Basic _-__',
    'something after the pair': `${pair('a:b')} x`,
    'bytes that are not UTF-8': pair(new Uint8Array([0x61, 0x3a, 0xff])),
    'a control character': pair('a:b\u0000'),
  };
  test.each(Object.entries(malformed))('%s: no credentials', async (_title, authorization) => {
    const emulator = await start();
    expect((await callToken(emulator, { authorization })).status).toBe(401);
    expect(await lastReason(emulator)).toBe('no_credentials');
  });

  test('accepts the scheme in any letter case', async () => {
    const emulator = await start();
    const authorization = basic(emulator.clientId, emulator.clientSecret).replace('Basic ', 'bASIC   ');
    expect((await callToken(emulator, { authorization })).status).toBe(200);
  });

  test('rejects credentials in the body only', async () => {
    const emulator = await start();
    const body = multipartForm({
      grant_type: 'client_credentials',
      client_id: emulator.clientId,
      client_secret: emulator.clientSecret,
    });
    expect((await callToken(emulator, { authorization: null, body })).status).toBe(401);
    expect(await lastReason(emulator)).toBe('no_credentials');
  });
});

import { describe, expect, test } from 'vitest';
import type { Emulator, Reason } from '../../../src/index.ts';
import { useEmulators } from '../../wire/emulators.ts';
import { type RawResponse, sendRaw } from '../../wire/send-raw.ts';
import { basic, callToken, lastReason, multipartForm } from '../../wire/token-call.ts';

const start = useEmulators();

test('all 401 responses are equal byte for byte, also for throttled clients; only the request log shows the reason', async () => {
  const emulator = await start();
  const { credentials } = emulator;
  const create = (clientId: string, more: object = {}) =>
    credentials.create({ roles: ['reader'], clientId, clientSecret: 'right', ...more });
  await create('throttled');
  await create('elsewhere', { realm: 'other' });
  await create('portal', { kind: 'portal', roles: ['admin'] });
  await create('inactive');
  await credentials.deactivate('inactive');
  await create('revoked');
  await credentials.revoke('revoked');
  await create('rotated');
  await credentials.rotate('rotated', { overlapMs: 0 });
  expect((await callToken(emulator, { clientId: 'throttled', clientSecret: 'right' })).status).toBe(200);

  const attempts: Partial<Record<Reason, [path: string, authorization: string | undefined]>> = {
    no_credentials: ['/local', undefined],
    unknown_client: ['/local', basic('nobody', 'right')],
    wrong_secret: ['/local', basic('throttled', 'wrong')],
    throttled: ['/local', basic('throttled', 'right')],
    secret_expired: ['/local', basic('rotated', 'right')],
    credential_inactive: ['/local', basic('inactive', 'right')],
    credential_revoked: ['/local', basic('revoked', 'right')],
    unknown_realm: ['/nowhere', basic('throttled', 'right')],
    wrong_realm: ['/local', basic('elsewhere', 'right')],
    portal_credential: ['/local', basic('portal', 'right')],
  };
  const responses: RawResponse[] = [];
  for (const [path, authorization] of Object.values(attempts)) {
    const body = 'grant_type=client_credentials';
    const head = [
      `POST ${path}/oauth2/token HTTP/1.1`,
      ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
    ];
    responses.push(await sendRaw(emulator.url, head, body));
  }
  for (const response of responses) expect(response).toEqual(responses[0]);
  expect(responses[0]).toEqual({
    statusLine: 'HTTP/1.1 401 Unauthorized',
    headers: expect.arrayContaining([
      'www-authenticate: Basic realm="instellix", charset="UTF-8"',
      'cache-control: no-store',
      'pragma: no-cache',
      'content-type: application/json',
    ]),
    body: '{"error":"invalid_client","error_description":"client authentication failed"}',
  });
  const entries = await emulator.requests.list({ status: 401 });
  expect(entries.map(({ reason }) => reason)).toEqual(Object.keys(attempts));
});

test('an invalid body does not reveal correct credentials during the throttle', async () => {
  const emulator = await start();
  await callToken(emulator);
  const bodies = ['grant_type=password', `x=${'y'.repeat(70_000)}`, ''];
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  for (const body of bodies) {
    const throttled = await callToken(emulator, { body, headers });
    const wrong = await callToken(emulator, { body, headers, clientSecret: 'wrong' });
    expect(throttled.status).toBe(401);
    expect(await throttled.text()).toBe(await wrong.text());
  }
});

describe('a request in progress when its realm changes', () => {
  const body = 'grant_type=client_credentials';
  const late = { realm: 'late', clientId: 'late', clientSecret: 's' } as const;
  const create = (emulator: Emulator) => emulator.credentials.create({ roles: ['reader'], ...late });
  const send = (emulator: Emulator, halfway: () => Promise<unknown>) => {
    const head = [
      'POST /late/oauth2/token HTTP/1.1',
      `Authorization: ${basic('late', 's')}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
    ];
    return sendRaw(emulator.url, head, body, { halfway });
  };

  test('is accepted, and logged with its realm and client, when the realm is created', async () => {
    const emulator = await start();
    const { statusLine } = await send(emulator, () => create(emulator));
    expect(statusLine).toBe('HTTP/1.1 200 OK');
    expect(await emulator.requests.list()).toMatchObject([{ reason: 'issued', realm: 'late', clientId: 'late' }]);
  });

  test('is rejected for its realm, and logged without it, when a reset removes the realm', async () => {
    const emulator = await start();
    await create(emulator);
    const { statusLine } = await send(emulator, () => emulator.reset());
    expect(statusLine).toBe('HTTP/1.1 401 Unauthorized');
    const [entry] = await emulator.requests.list();
    expect(entry).toMatchObject({ reason: 'unknown_realm' });
    expect(entry).not.toHaveProperty('realm');
    expect(entry).not.toHaveProperty('clientId');
  });
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

  test('profile rfc: the request log names the client of credentials in the body', async () => {
    const emulator = await start({ profile: 'rfc' });
    const send = (client_secret: string) => {
      const parameters = { grant_type: 'client_credentials', client_id: emulator.clientId, client_secret };
      return callToken(emulator, { authorization: null, body: new URLSearchParams(parameters) });
    };
    await emulator.faults.add({ on: 'token', clientId: emulator.clientId, respond: { status: 503 } });
    expect((await send(emulator.clientSecret)).status, 'faults match the header only').toBe(200);
    expect((await send('wrong')).status).toBe(401);
    const client = { realm: 'local', clientId: emulator.clientId };
    expect(await emulator.requests.list()).toMatchObject([
      { reason: 'issued', ...client },
      { reason: 'wrong_secret', ...client },
    ]);
  });
});

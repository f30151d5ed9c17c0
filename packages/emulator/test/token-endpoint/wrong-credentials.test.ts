import { expect, test } from 'vitest';
import type { Reason } from '../../src/index.ts';
import { useEmulators } from '../wire/emulators.ts';
import { type RawResponse, sendRaw } from '../wire/send-raw.ts';
import { basic, callToken } from '../wire/token-call.ts';

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

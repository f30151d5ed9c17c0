import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as openid from 'openid-client';
import { ClientCredentials } from 'simple-oauth2';
import { describe, expect, test } from 'vitest';
import { useEmulators } from '../wire/emulators.ts';
import { callResource } from '../wire/token-call.ts';

const start = useEmulators();
const run = promisify(execFile);

// Clients of other authors check that the emulator follows the RFCs.
describe.each(['vendor', 'rfc'] as const)('with the profile %s', (profile) => {
  test('openid-client discovers the endpoints, gets a token, calls a resource and revokes the token', async () => {
    const emulator = await start({ profile });
    const { realm, url } = emulator;
    // openid-client form-encodes the pair, which does not change letters.
    const { clientId, clientSecret } = await emulator.credentials.create({
      roles: ['reader'],
      clientId: 'openid',
      clientSecret: 'swordfish',
    });
    const configuration = await openid.discovery(
      new URL(`${url}/${realm}`),
      clientId,
      undefined,
      openid.ClientSecretBasic(clientSecret),
      { algorithm: 'oauth2', execute: [openid.allowInsecureRequests] },
    );
    const scope = 'customers:read';
    const { access_token: token, expires_in: lifetime } = await openid.clientCredentialsGrant(configuration, { scope });
    expect(lifetime).toBe(300);
    const read = (): Promise<Response> =>
      openid.fetchProtectedResource(configuration, token, new URL(`${url}/customers`), 'GET');
    expect((await read()).status).toBe(200);
    await openid.tokenRevocation(configuration, token);
    expect((await callResource(emulator, '/customers', token)).status).toBe(401);
  });

  test('simple-oauth2 gets a token', async () => {
    const emulator = await start({ profile });
    const client = new ClientCredentials({
      client: { id: emulator.clientId, secret: emulator.clientSecret },
      auth: { tokenHost: emulator.url, tokenPath: `/${emulator.realm}/oauth2/token` },
    });
    const { token } = await client.getToken({});
    expect((await callResource(emulator, '/customers', String(token['access_token']))).status).toBe(200);
  });
});

test('curl gets a token with the command of the vendor’s documentation', async () => {
  const emulator = await start();
  const tokenUrl = `${emulator.url}/${emulator.realm}/oauth2/token`;
  const pair = `${emulator.clientId}:${emulator.clientSecret}`;
  const args = ['--silent', '--user', pair, '--form', 'grant_type=client_credentials', tokenUrl];
  const { stdout } = await run('curl', args);
  const { access_token: token } = JSON.parse(stdout) as { access_token: string };
  const headers = ['--header', `Authorization: Bearer ${token}`];
  const { stdout: customers } = await run('curl', ['--silent', ...headers, `${emulator.url}/customers`]);
  expect(JSON.parse(customers)).toHaveProperty('customers');
});

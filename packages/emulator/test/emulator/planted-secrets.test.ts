import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type { Emulator } from '../../src/index.ts';
import { useEmulators } from '../wire/emulators.ts';
import { sendRaw } from '../wire/send-raw.ts';
import { basic, callResource, callToken, multipartForm, obtainToken } from '../wire/token-call.ts';

const start = useEmulators();

/** Puts a secret into every place where a client could put it by mistake. */
async function plant(emulator: Emulator, secret: string): Promise<void> {
  const encoded = encodeURIComponent(secret);
  for (const [clientId, clientSecret] of [
    [secret, 'x'],
    [secret, secret],
    ['x', secret],
    [emulator.clientId, secret],
  ] as const) {
    await callToken(emulator, { clientId, clientSecret });
  }
  await callToken(emulator, { realm: secret });
  await callToken(emulator, { authorization: secret });
  await callToken(emulator, { authorization: `Basic ${secret}` });
  await callToken(emulator, { query: `?client_secret=${encoded}` });
  await callToken(emulator, { body: multipartForm({ grant_type: secret, scope: secret, client_secret: secret }) });
  for (const path of [
    `/${encoded}`,
    `/customers/${encoded}`,
    `/customers?token=${encoded}`,
    `/x-${encoded}/y`,
    `/${encoded}/a`,
  ]) {
    await callResource(emulator, path);
    await callResource(emulator, path, secret);
  }
  await callResource(emulator, '/customers', undefined, { headers: { authorization: secret, 'x-key': secret } });
  if (/^[A-Z-]+$/i.test(secret)) {
    await emulator.fetch(new Request(`${emulator.url}/customers`, { method: secret }));
    await sendRaw(emulator.url, [`${secret} /customers HTTP/1.1`]);
  }
}

test('the request log contains no secret or token, wherever a client puts it', async () => {
  const emulator = await start();
  const token = await obtainToken(emulator);
  const secrets = [
    emulator.clientSecret,
    emulator.portal.password,
    token,
    'plain-words',
    'swordfish',
    'a/b',
    '4711',
    'geh:eim',
    'ü n',
  ];
  for (const [index, clientSecret] of secrets.entries()) {
    if (index > 2) await emulator.credentials.create({ roles: ['none'], clientSecret });
  }
  const { clientSecret: rotated } = await emulator.credentials.rotate(emulator.clientId, { overlapMs: 0 });
  for (const secret of [...secrets, rotated]) await plant(emulator, secret);
  const entries = await emulator.requests.list();
  expect(entries.length).toBeGreaterThan(150);
  const text = JSON.stringify(entries);
  for (const secret of [...secrets, rotated]) {
    for (const form of [secret, encodeURIComponent(secret), basic(emulator.clientId, secret).slice(6)]) {
      expect(text).not.toContain(form);
    }
  }
}, 60_000);

test('the request log contains known realms, client ids and plain paths', async () => {
  const emulator = await start();
  await callToken(emulator, { clientSecret: 'wrong' });
  await callResource(emulator, '/v1/order-items/17');
  await callResource(emulator, '/Zm9vYmFyYmF6cXV4/x');
  expect(await emulator.requests.list()).toMatchObject([
    { reason: 'wrong_secret', realm: 'local', clientId: emulator.clientId },
    { reason: 'no_route', endpoint: 'GET /v1/order-items/17' },
    { reason: 'no_route', endpoint: 'GET /{hidden}' },
  ]);
});

test('inspecting an emulator shows no secret', async () => {
  const emulator = await start();
  const token = await obtainToken(emulator);
  const { clientSecret } = await emulator.credentials.create({ roles: ['none'] });
  const fault = await emulator.faults.add({ on: 'token', delayMs: 0 });
  const { clientSecret: own, env, portal, ...rest } = emulator;
  const seen = inspect(
    { emulator: rest, fault, list: await emulator.credentials.list() },
    { depth: null, showHidden: true },
  );
  for (const secret of [own, clientSecret, token, portal.password, env['INSTELLIX_CLIENT_SECRET'] ?? '']) {
    expect(seen).not.toContain(secret);
  }
});

test('no error contains a value that may be a secret', async () => {
  const emulator = await start();
  const { credentials, faults, requests } = emulator;
  const secret = 'swordfish 4711';
  const wrong = secret as never;
  const attempts: (() => Promise<unknown>)[] = [
    () => credentials.create(wrong),
    () => credentials.create({ roles: ['reader'], kind: wrong }),
    () => credentials.create({ roles: ['reader'], realm: `${secret}/` }),
    () => credentials.create({ roles: ['reader'], clientId: `${secret}:` }),
    () => credentials.create({ roles: ['reader'], clientSecret: `${secret}\n` }),
    () => credentials.rotate(secret, { overlapMs: 0 }),
    () => credentials.rotate(emulator.clientId, { overlapMs: wrong }),
    () => credentials.revoke(secret),
    () => credentials.setRoles(emulator.clientId, wrong),
    () => faults.add({ on: wrong, delayMs: 0 }),
    () => faults.add({ on: 'token', respond: { status: wrong } }),
    () => requests.list({ reason: wrong }),
    () => emulator.clock.advance(wrong),
    () => emulator.fetch(wrong),
    () => start({ clock: secret }),
    () => start({ seed: JSON.stringify({ credentials: [{ clientSecret: secret }] }) }),
    () => start({ seed: { credentials: [{ clientId: secret, clientSecret: secret, roles: [] }] } }),
  ];
  for (const attempt of attempts) {
    const error: unknown = await attempt().then(
      () => 'no error at all',
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('swordfish');
  }
});

import { expect, test } from 'vitest';
import { useEmulators } from '../wire/emulators.ts';
import { sendRaw } from '../wire/send-raw.ts';
import { callResource, callToken } from '../wire/token-call.ts';

const start = useEmulators();

test.each(['/nowhere', '/customers/', '/customers/1', '/local/oauth2/token/', '/oauth2/token'])(
  '%s: no route',
  async (path) => {
    const emulator = await start();
    await callResource(emulator, path);
    expect(await emulator.requests.list()).toMatchObject([{ reason: 'no_route', method: 'GET', status: 404 }]);
  },
);

test.each(['/portal', '/portal/x', '/_emulator/ready', '/_emulator/oauth2/token'])(
  '%s leaves no entry in the request log',
  async (path) => {
    const emulator = await start();
    await callResource(emulator, path);
    expect(await emulator.requests.list()).toEqual([]);
  },
);

test('a malformed request does not end the emulator', async () => {
  const emulator = await start();
  const response = await sendRaw(emulator.url, ['GET /customers\u0000 HTTP/1.1']);
  expect(response.statusLine).toMatch(/^HTTP\/1.1 400/);
  expect((await callToken(emulator)).status).toBe(200);
});

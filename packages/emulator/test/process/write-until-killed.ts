import { startEmulator } from '../../src/index.ts';

// Runs in its own process: writes as fast as possible, reports each acknowledged write, and is killed.
const [, , database = ''] = process.argv;
const emulator = await startEmulator({ database });
for (;;) {
  const { clientId, clientSecret } = await emulator.credentials.create({ roles: ['reader'] });
  const rotated = await emulator.credentials.rotate(clientId, { overlapMs: 0 });
  const headers = { authorization: `Basic ${btoa(`${clientId}:${rotated.clientSecret}`)}` };
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  const response = await fetch(`${emulator.url}/local/oauth2/token`, { method: 'POST', headers, body });
  const { access_token: token } = (await response.json()) as { access_token: string };
  const line = { clientId, before: clientSecret, clientSecret: rotated.clientSecret, token };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

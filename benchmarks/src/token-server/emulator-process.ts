import { randomBytes } from 'node:crypto';
import { startEmulator } from '@instellix/emulator';
import type { Credential, TokenRequestCount } from './credential.ts';
import type { Call, Reply, TokenServerOptions } from './token-server.ts';

// The emulator in its own process: it must not share the event loop or the limit of open files with the measured code.
const options = JSON.parse(process.argv[2] ?? '{}') as TokenServerOptions;
const { tokenTtlSeconds, throttleWindowMs, tokenDelayMs } = options;
const emulator = await startEmulator({ tokenTtlSeconds, throttleWindowMs });
if (tokenDelayMs > 0) await emulator.faults.add({ on: 'token', delayMs: tokenDelayMs });

async function createCredential(): Promise<Credential> {
  // Hexadecimal: RFC 6749 section 2.3.1 and the vendor's plain Basic pair agree on it, so every client authenticates.
  const { clientId, clientSecret } = await emulator.credentials.create({
    roles: ['reader'],
    realm: emulator.realm,
    clientId: randomBytes(8).toString('hex'),
    clientSecret: randomBytes(16).toString('hex'),
  });
  const { url: apiUrl, realm } = emulator;
  return { apiUrl, tokenUrl: `${apiUrl}/${realm}/oauth2/token`, realm, clientId, clientSecret };
}

async function countTokenRequests(clientId: string): Promise<TokenRequestCount> {
  const filter = { endpoint: 'token', clientId };
  const [issued, throttled, total] = await Promise.all([
    emulator.requests.count({ ...filter, reason: 'issued' }),
    emulator.requests.count({ ...filter, reason: 'throttled' }),
    emulator.requests.count(filter),
  ]);
  return { issued, throttled, total };
}

function send(reply: Reply): void {
  process.send?.(reply);
}

process.on('message', async ({ id, verb, clientId }: Call) => {
  try {
    send({ id, result: await (verb === 'createCredential' ? createCredential() : countTokenRequests(clientId ?? '')) });
  } catch (error) {
    send({ id, error: String(error) });
  }
});
process.on('disconnect', () => process.exit());
send({ id: 0, result: undefined });

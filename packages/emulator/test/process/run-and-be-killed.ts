import { startEmulator } from '../../src/index.ts';
import { obtainToken } from '../wire/token-call.ts';

// Runs in its own process: makes one change of each kind, reports it, and waits to be killed.
const [, , database = ''] = process.argv;
const emulator = await startEmulator({ database });
const { clientId, clientSecret } = await emulator.credentials.create({ roles: ['reader'] });
await emulator.clock.advance(3_600_000);
const token = await obtainToken(emulator, { clientId, clientSecret });
process.stdout.write(`${JSON.stringify({ clientId, clientSecret, token, defaultSecret: emulator.clientSecret })}\n`);

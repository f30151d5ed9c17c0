import assert from 'node:assert/strict';
import { createInstellixClient } from '@instellix/core';
import { startEmulator } from '@instellix/emulator';

const { url, realm, clientId, clientSecret, ...emulator } = await startEmulator();
const client = createInstellixClient({ environment: { apiUrl: url }, realm, clientId, clientSecret });
assert.equal((await client.fetch('/customers')).status, 200);
await client.close();
await emulator.close();

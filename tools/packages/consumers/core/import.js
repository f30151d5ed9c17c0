import assert from 'node:assert/strict';
import { createInstellixClient } from '@instellix/core';
import { startTokenServer } from './token-server.cjs';

const { server, url } = await startTokenServer();
const client = createInstellixClient({ environment: { apiUrl: url }, realm: 'r', clientId: 'c', clientSecret: 's' });
const response = await client.fetch('/customers');
assert.deepEqual(await response.json(), { authorization: 'Bearer packed' });
await client.close();
server.closeAllConnections();
server.close();

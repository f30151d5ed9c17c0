import assert from 'node:assert/strict';
import { createInstellixAxios } from '@instellix/axios-interceptor';
import { createInstellixClient } from '@instellix/core';
import { startTokenServer } from './token-server.cjs';

const { server, url } = await startTokenServer();
const client = createInstellixClient({ environment: { apiUrl: url }, realm: 'r', clientId: 'c', clientSecret: 's' });
for (const adapter of ['http', 'fetch']) {
  const { data } = await createInstellixAxios(client, { adapter }).get('/customers');
  assert.deepEqual(data, { authorization: 'Bearer packed' });
}
await client.close();
server.closeAllConnections();
server.close();

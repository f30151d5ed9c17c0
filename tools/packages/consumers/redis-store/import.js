import assert from 'node:assert/strict';
import { createInstellixClient } from '@instellix/core';
import { redisTokenStore } from '@instellix/redis-store';
import { startTokenServer } from './token-server.cjs';

const { server, url } = await startTokenServer();
const asked = [];
const away = async (_, { keys }) => {
  asked.push(keys[0]);
  throw new Error('away');
};
const client = createInstellixClient({
  environment: { apiUrl: url },
  realm: 'r',
  clientId: 'c',
  clientSecret: 's',
  store: redisTokenStore({ on() {}, evalSha: away, eval: away }, { keyPrefix: 'packed:' }),
});
assert.equal((await client.getToken()).value, 'packed');
assert.match(asked[0], /^packed:v1:[\da-f]{64}$/);
await client.close();
server.closeAllConnections();
server.close();

const assert = require('node:assert/strict');
const { createInstellixClient } = require('@instellix/core');
const { instellixInterceptor } = require('@instellix/undici-interceptor');
const { Agent, request } = require('undici');
const { startTokenServer } = require('./token-server.cjs');

startTokenServer().then(async ({ server, url }) => {
  const client = createInstellixClient({ environment: { apiUrl: url }, realm: 'r', clientId: 'c', clientSecret: 's' });
  const dispatcher = new Agent().compose(instellixInterceptor(client));
  const { body } = await request(`${url}/customers`, { dispatcher });
  assert.deepEqual(await body.json(), { authorization: 'Bearer packed' });
  await dispatcher.close();
  await client.close();
  server.closeAllConnections();
  server.close();
});

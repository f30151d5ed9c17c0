const assert = require('node:assert/strict');
const { createInstellixClient } = require('@instellix/core');
const { startTokenServer } = require('./token-server.cjs');

startTokenServer().then(async ({ server, url }) => {
  const client = createInstellixClient({ environment: { apiUrl: url }, realm: 'r', clientId: 'c', clientSecret: 's' });
  assert.equal((await client.getToken()).value, 'packed');
  await client.close();
  server.closeAllConnections();
  server.close();
});

const assert = require('node:assert/strict');
const { inspect } = require('node:util');
const { createInstellixAxios, installInstellixInterceptor } = require('@instellix/axios-interceptor');
const { createInstellixClient } = require('@instellix/core');
const axios = require('axios');
const { startTokenServer } = require('./token-server.cjs');

startTokenServer().then(async ({ server, url }) => {
  const client = createInstellixClient({ environment: { apiUrl: url }, realm: 'r', clientId: 'c', clientSecret: 's' });
  const api = axios.create({ baseURL: url });
  installInstellixInterceptor(api, client);
  assert.deepEqual((await api.get('/customers')).data, { authorization: 'Bearer packed' });
  const error = await api.get('/customers', { validateStatus: () => false }).catch((reason) => reason);
  // Of this application's copy of Axios, not of the one that the interceptor imports.
  assert.ok(error instanceof axios.AxiosError);
  assert.ok(!inspect(error.request, { depth: Infinity, showHidden: true }).includes('packed'));
  const created = createInstellixAxios(client, {}, { axios });
  const refused = await created.get('https://elsewhere.example/').catch((reason) => reason);
  assert.ok(refused instanceof axios.AxiosError);
  assert.equal(refused.cause.code, 'origin_not_allowed');
  await client.close();
  server.closeAllConnections();
  server.close();
});

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createInstellixClient } from '@instellix/core';
import { instellix, instellixErrorHandler, instellixHealth } from '@instellix/express-middleware';
import { instellixProxy } from '@instellix/express-middleware/proxy';
import express from 'express';
import { startTokenServer } from './token-server.cjs';

const { server, url } = await startTokenServer();
const client = createInstellixClient({ environment: { apiUrl: url }, realm: 'r', clientId: 'c', clientSecret: 's' });
const app = express();
app.get('/health', instellixHealth(client));
app.use(instellix(client));
app.get('/customers', async (request, response) => {
  response.json(await (await request.instellix.fetch('/customers')).json());
});
app.get('/elsewhere', (request, _, next) => {
  request.instellix.fetch('https://elsewhere.example/').catch(next);
});
const proxy = instellixProxy(client, { allow: [{ methods: ['GET'], path: '/customers' }] });
app.use('/lent', proxy);
app.use(instellixErrorHandler());
const service = createServer(app);
await new Promise((resolve) => service.listen(0, '127.0.0.1', resolve));
const read = async (path) => {
  const response = await fetch(`http://127.0.0.1:${service.address().port}${path}`);
  return [response.status, await response.json()];
};
for (const path of ['/customers', '/lent/customers']) {
  assert.deepEqual(await read(path), [200, { authorization: 'Bearer packed' }]);
}
assert.equal((await read('/lent/orders'))[0], 404);
assert.equal((await read('/health'))[1].status, 'ok');
const [status, { code }] = await read('/elsewhere');
assert.deepEqual([status, code], [502, 'origin_not_allowed']);
await proxy.close();
await client.close();
for (const each of [server, service]) {
  each.closeAllConnections();
  each.close();
}

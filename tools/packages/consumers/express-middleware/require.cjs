const assert = require('node:assert/strict');
const { createServer } = require('node:http');
const { instellix } = require('@instellix/express-middleware');
const express = require('express');
const { startTokenServer } = require('./token-server.cjs');

startTokenServer().then(({ server, url }) => {
  const middleware = instellix({ environment: { apiUrl: url }, realm: 'r', clientId: 'c', clientSecret: 's' });
  const app = express();
  app.use(middleware);
  app.get('/customers', (request, response, next) => {
    const call = async () => response.json(await (await request.instellix.fetch('/customers')).json());
    call().catch(next);
  });
  const service = createServer(app).listen(0, '127.0.0.1', async () => {
    const response = await fetch(`http://127.0.0.1:${service.address().port}/customers`);
    assert.deepEqual(await response.json(), { authorization: 'Bearer packed' });
    await middleware.close();
    for (const each of [server, service]) {
      each.closeAllConnections();
      each.close();
    }
  });
});

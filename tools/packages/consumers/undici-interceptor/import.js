import assert from 'node:assert/strict';
import { createInstellixClient } from '@instellix/core';
import { instellixInterceptor } from '@instellix/undici-interceptor';
import { Agent, fetch, request } from 'undici';
import { startTokenServer } from './token-server.cjs';

const { server, url } = await startTokenServer();
const client = createInstellixClient({ environment: { apiUrl: url }, realm: 'r', clientId: 'c', clientSecret: 's' });
const dispatcher = new Agent().compose(instellixInterceptor(client));
const { body } = await request(`${url}/customers`, { dispatcher });
assert.deepEqual(await body.json(), { authorization: 'Bearer packed' });
const response = await fetch(`${url}/customers`, { dispatcher });
assert.deepEqual(await response.json(), { authorization: 'Bearer packed' });
await dispatcher.close();
await client.close();
server.closeAllConnections();
server.close();

/** A service as users write it: Express, a client, and its observation. */
import { createInstellixClient } from '@instellix/core';
import { instellix } from '@instellix/express-middleware';
import express from 'express';
import { observeInstellixClient } from '../../src/index.ts';
import { sdk } from './telemetry.ts';

const client = createInstellixClient();
observeInstellixClient(client);
const app = express();
app.get('/health', (_, response) => void response.sendStatus(204));
app.get('/customers', instellix(client), async (request, response) => {
  response.json(await (await request.instellix.fetch('/customers')).json());
});
const server = app.listen(Number(process.env['PORT']), '127.0.0.1');
process.once('SIGTERM', () => {
  server.close(async () => {
    await client.close();
    await sdk.shutdown();
  });
  server.closeIdleConnections();
});

/**
 * A service that lists and adds customers for its users, and forwards a part of the API to its partners.
 *
 * Usage: node src/main.ts, with PARTNER_KEY and the INSTELLIX_ variables set (docs/environments.md); HOST and PORT as needed.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInstellixClient } from '@instellix/core';
import { observeInstellixClient } from '@instellix/opentelemetry';
import { createApp } from './create-app.ts';
import { createPartnersProxy } from './partners.ts';
import { readSettings } from './settings.ts';
import { stopServing } from './stop-serving.ts';

async function main(): Promise<void> {
  const { host, port, partnerKey } = readSettings(process.env);
  await using client = createInstellixClient();
  // For operators who start an OpenTelemetry SDK with --import (docs/observability.md); without one, it does nothing.
  observeInstellixClient(client);
  await using partners = createPartnersProxy(client, partnerKey);
  const server = createServer(createApp(client, partners));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  console.log(`Listening on http://${host}:${(server.address() as AddressInfo).port}`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  // Requests in progress need the client and the proxy, which are closed at the end of this block.
  await stopServing(server);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

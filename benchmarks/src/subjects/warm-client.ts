import { createInstellixClient, type InstellixClient } from '@instellix/core';

/** Creates a client of the API of a benchmark, with its defaults, and gets the first token. */
export async function createWarmClient(apiUrl: string): Promise<InstellixClient> {
  const client = createInstellixClient({
    environment: { apiUrl },
    realm: 'acme',
    clientId: 'benchmark',
    clientSecret: 'secret',
  });
  await client.getToken();
  return client;
}

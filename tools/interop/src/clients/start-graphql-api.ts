import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Emulator } from '@instellix/emulator';
import { onTestFinished } from 'vitest';

/** Serves the customers of an emulator over GraphQL at `/graphql`, with the caller's token, and returns the URL of the server. */
export async function startGraphqlApi({ url }: Emulator): Promise<string> {
  const server = createServer((request, response) => {
    respond(url, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function respond(url: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { query, variables } = (await json(request)) as { query: string; variables?: { name: string } };
  const { authorization = '' } = request.headers;
  const headers = { authorization, 'content-type': 'application/json' };
  const isMutation = query.includes('mutation');
  const init = isMutation ? { method: 'POST', headers, body: JSON.stringify(variables) } : { headers };
  const result = await fetch(`${url}/customers`, init);
  const content = await result.json();
  response.writeHead(result.ok ? 200 : result.status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ data: isMutation ? { createCustomer: content } : content }));
}

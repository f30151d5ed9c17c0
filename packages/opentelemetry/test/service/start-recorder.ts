import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request that a recorder has received. */
export interface RecordedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** With each header that was sent more than once. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** Starts a server that keeps what it receives, and ends it with the test. */
export async function startRecorder(respond: (path: string) => unknown) {
  const requests: RecordedRequest[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const { url: path = '', headers, rawHeaders } = request;
    requests.push({ path, headers, rawHeaders, body });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(respond(path)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

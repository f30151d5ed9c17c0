import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { createInstellixClient, type InstellixClient } from '@instellix/core';
import { onTestFinished } from 'vitest';

/** Also stands for those of `node:http2`, which have the same members. */
type OnRequest = (request: IncomingMessage, response: ServerResponse) => void;

/** One API request as it arrived, with the raw path. */
export interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An API with its token endpoint below `/auth`, and a client of it, for the current test. */
export interface Api {
  readonly origin: string;
  readonly client: InstellixClient;
  readonly arrivals: Arrival[];
  /** How many tokens have been issued: `planted-token-1`, `planted-token-2` and so on. */
  issued: number;
  /** Responds to requests; a path without a function gets its own echo, or a 401 without `planted-token-<valid>`. */
  readonly routes: Record<string, OnRequest>;
  /** Tokens from this number on are valid. */
  validFrom: number;
  /** The token endpoint waits for this. */
  tokenGate: Promise<void> | undefined;
  /** What arrived, as `METHOD path authorization body`. */
  summary(): string[];
  revoke(): void;
}

/** Which server the API is, and what its client is given. */
export interface ApiOptions {
  readonly base?: string;
  readonly createServer?: (onRequest: OnRequest) => Server;
  readonly protocol?: 'http' | 'https';
  readonly hostname?: string;
  readonly fetch?: typeof fetch;
}

export async function startApi(options: ApiOptions = {}): Promise<Api> {
  const { base = '/api', protocol = 'http', hostname = '127.0.0.1' } = options;
  const onRequest: OnRequest = (request, response) => {
    respond(api, base, request, response).catch((error) => response.destroy(error));
  };
  const server = options.createServer?.(onRequest) ?? createServer(onRequest);
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const origin = `${protocol}://${hostname}:${(server.address() as AddressInfo).port}`;
  const client = createInstellixClient({
    environment: { apiUrl: origin + base, tokenUrl: `${origin}/auth` },
    realm: 'acme',
    clientId: 'an-id',
    clientSecret: 'planted-secret',
    tokenRequest: { minIntervalMs: 0 },
    ...(options.fetch && { fetch: options.fetch }),
  });
  onTestFinished(() => client.close());
  const api: Api = {
    origin,
    client,
    arrivals: [],
    issued: 0,
    routes: {},
    validFrom: 1,
    tokenGate: undefined,
    summary: () =>
      api.arrivals.map(({ method, path, authorization = '-', body }) =>
        `${method} ${path} ${authorization} ${body}`.trim(),
      ),
    revoke() {
      api.validFrom = api.issued + 1;
    },
  };
  return api;
}

async function respond(api: Api, base: string, request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  const { method = '', url: path = '', headers } = request;
  const body = await text(request);
  const end = (status: number, content: string, fields: Record<string, string> = {}) => {
    response.writeHead(status, fields);
    response.end(content);
  };
  if (path === '/auth') {
    const token = `planted-token-${++api.issued}`;
    await api.tokenGate;
    const content = { access_token: token, token_type: 'bearer', expires_in: 300 };
    return end(200, JSON.stringify(content), { 'content-type': 'application/json' });
  }
  const { authorization } = headers;
  api.arrivals.push({ method, path, authorization, headers, body });
  const route = api.routes[path];
  if (route) return route(request, response);
  const number = Number(/^Bearer planted-token-(\d+)$/.exec(authorization ?? '')?.[1] ?? 0);
  if (`${path}/`.startsWith(`${base}/`) && number < api.validFrom) return end(401, 'unknown token');
  return end(200, `${method} ${body}`);
}

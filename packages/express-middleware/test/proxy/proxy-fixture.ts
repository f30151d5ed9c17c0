import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInstellixClient, type InstellixClient, memoryTokenStore } from '@instellix/core';
import express, { type Express } from 'express';
import { afterEach } from 'vitest';
import { type InstellixProxy, instellixProxy } from '../../src/proxy/instellix-proxy.ts';
import type { ProxyEvent } from '../../src/proxy/proxy-event.ts';
import type { InstellixProxyOptions } from '../../src/proxy/proxy-options.ts';
import { RawClient, type RawResponse } from './raw-client.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

/** A service with a proxy, the API, and the events between them. */
export class ProxyFixture {
  readonly upstream: ScriptedUpstream;
  readonly client: InstellixClient;
  /** Another client that shares the store. */
  readonly neighbour: InstellixClient;
  readonly events: ProxyEvent[] = [];
  readonly #clients: RawClient[] = [];
  proxy: InstellixProxy | undefined;
  readonly server: Server = createServer();

  private constructor(upstream: ScriptedUpstream) {
    this.upstream = upstream;
    const options = {
      environment: { apiUrl: upstream.apiUrl, name: 'test' },
      realm: 'acme',
      clientId: 'proxy',
      clientSecret: 'planted-secret',
      tokenRequest: { minIntervalMs: 0, maxWaitMs: 5_000 },
      store: memoryTokenStore(),
    };
    this.client = createInstellixClient(options);
    this.neighbour = createInstellixClient(options);
    fixtures.add(this);
  }

  /** Starts a service that mounts the proxy, at `/api` by default. */
  static async start(options: Partial<InstellixProxyOptions> = {}, mount?: Mount): Promise<ProxyFixture> {
    const fixture = new ProxyFixture(await ScriptedUpstream.start());
    fixture.proxy = fixture.createProxy(options);
    const app = express();
    if (mount) mount(app, fixture.proxy);
    else app.use('/api', fixture.proxy);
    await fixture.listen(app);
    return fixture;
  }

  createProxy(options: Partial<InstellixProxyOptions> = {}): InstellixProxy {
    return instellixProxy(this.client, {
      allow: everything,
      onEvent: (event) => void this.events.push(event),
      ...options,
    });
  }

  async listen(app?: RequestListener): Promise<void> {
    if (app) this.server.on('request', app);
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async connect(): Promise<RawClient> {
    const client = await RawClient.connect(this.port);
    this.#clients.push(client);
    return client;
  }

  /** Sends raw bytes on a new connection and waits for the response. */
  async exchange(bytes: string, method?: string): Promise<RawResponse> {
    const client = await this.connect();
    client.send(bytes);
    return client.readResponse(method ?? bytes.split(' ', 1)[0]);
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await this.upstream.close();
    await this.proxy?.close();
    await Promise.all([this.client.close(), this.neighbour.close()]);
  }
}

type Mount = (app: Express, proxy: InstellixProxy) => void;

/** Rules that allow nearly everything. */
export const everything = [{ methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], path: '/**' }];

const fixtures = new Set<ProxyFixture>();

afterEach(async () => {
  await Promise.all([...fixtures].map((fixture) => fixture.close()));
  fixtures.clear();
});

/** A request in raw bytes. */
export function rawRequest(line: string, headers: readonly string[] = [], body = ''): string {
  return [`${line} HTTP/1.1`, 'Host: service.example', ...headers, '', body].join('\r\n');
}

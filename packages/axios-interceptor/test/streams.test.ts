import { createReadStream, type ReadStream, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createInstellixClient } from '@instellix/core';
import { until } from '@instellix/testing';
import type { AxiosRequestConfig } from 'axios';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AxiosFakeApi, ignoreFailure } from './axios-fake-api.ts';
import { copies } from './copies.ts';

/** An API that responds before it has read the body, like gateways. */
async function startGateway() {
  let issued = 0;
  const client = undefined as never as ReturnType<typeof createInstellixClient>;
  const state = { valid: 1, status: 200, isEarly: false, receivedBytes: 0, isWhole: false, client };
  const server = createServer(async (request, response) => {
    if (request.url?.endsWith('/oauth2/token')) {
      request.resume();
      const token = { access_token: `t-${++issued}`, token_type: 'bearer', expires_in: 300 };
      return response.setHeader('content-type', 'application/json').end(JSON.stringify(token));
    }
    if (request.headers.authorization !== `Bearer t-${state.valid}`) return response.writeHead(401).end('{}');
    if (state.status >= 300) return response.writeHead(state.status).end('refused');
    if (state.isEarly) response.end('{}');
    for await (const chunk of request) state.receivedBytes += chunk.length;
    state.isWhole = true;
    return state.isEarly ? undefined : response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  state.client = createInstellixClient({
    environment: { apiUrl: `${origin}/api/`, tokenUrl: `${origin}/acme/oauth2/token` },
    realm: 'acme',
    clientId: 'c',
    clientSecret: 'planted',
    tokenRequest: { minIntervalMs: 0 },
  });
  const folder = await mkdtemp(join(tmpdir(), 'instellix-'));
  const file = join(folder, 'upload.bin');
  writeFileSync(file, Buffer.alloc(4 << 20));
  onTestFinished(async () => {
    await state.client.close();
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  const bodies: ReadStream[] = [];
  const body = () => {
    const stream = createReadStream(file);
    bodies.push(stream);
    return stream;
  };
  const spoilToken = async () => {
    await state.client.getToken();
    state.valid = issued + 1;
  };
  return Object.assign(state, { url: `${origin}/api/`, body, bodies, spoilToken });
}

const headers = { 'Content-Type': 'application/octet-stream' };
/** Waits until the descriptor of each file is closed. */
const closed = (streams: readonly ReadStream[]) => until(() => streams.every((stream) => stream.closed));

describe.each(copies)('$name destroys the stream of instellix.body', (copy) => {
  test.each([{}, { maxRedirects: 0 }])('when it was rejected, %j', async (config) => {
    const gateway = await startGateway();
    const api = copy.axios.create({ baseURL: gateway.url, adapter: copy.adapter, headers, ...config });
    copy.install(api, gateway.client);
    for (let upload = 0; upload < 2; upload++) {
      await gateway.spoilToken();
      expect((await api.put('/files/1', undefined, { instellix: { body: gateway.body } })).status).toBe(200);
    }
    expect(gateway.bodies).toHaveLength(4);
    await closed(gateway.bodies);
  });

  test.each<[string, AxiosRequestConfig]>([
    ['as json', { responseType: 'json' }],
    ['as a stream', { responseType: 'stream' }],
    ['that validateStatus accepts', { validateStatus: () => true }],
  ])('when the last response is an error, %s', async (_, config) => {
    const gateway = await startGateway();
    const api = copy.axios.create({ baseURL: gateway.url, adapter: copy.adapter, headers, ...(config as object) });
    copy.install(api, gateway.client);
    gateway.status = 413;
    const outcome = await ignoreFailure(api.put('/files/1', undefined, { instellix: { body: gateway.body } }));
    const { response } = config.validateStatus ? { response: outcome } : (outcome as { response: unknown });
    expect(response).toMatchObject({ status: 413 });
    if (config.responseType === 'stream') expect(await text((response as { data: never }).data)).toBe('refused');
    expect(gateway.bodies).toHaveLength(1);
    await closed(gateway.bodies);
  });

  test('when the call is aborted while it is created, and when it cannot be sent', async () => {
    const fakeApi = await AxiosFakeApi.start();
    const api = fakeApi.createApi(copy);
    await fakeApi.client.getToken();
    const made: { destroyed: boolean }[] = [];
    const body = () => {
      const stream = createReadStream(import.meta.filename);
      made.push(stream);
      return stream;
    };
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 40));
      return body();
    };
    const late = await ignoreFailure(api.put('/1', undefined, { instellix: { body: slow }, timeout: 10 }));
    expect(late).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 10ms exceeded' });
    await ignoreFailure(
      api.put('/1', undefined, { instellix: { body }, adapter: () => Promise.reject(new Error('no')) }),
    );
    await fakeApi.close();
    await ignoreFailure(api.put('/1', undefined, { instellix: { body } }));
    await until(() => made.length === 3 && made.every(({ destroyed }) => destroyed));
  });

  test('but not while the API still reads the body of a call that succeeds', async () => {
    const fakeApi = await AxiosFakeApi.start();
    const { data } = await fakeApi.createApi(copy).put('/1', undefined, {
      headers,
      responseType: 'stream',
      instellix: { body: () => createReadStream(import.meta.filename) },
    });
    expect(await text(data)).toBe('{"ok":true}');
    expect(fakeApi.bodies[0]).toContain('still reads the body');
  });
});

describe.each(copies.filter(({ adapter }) => adapter === 'http'))('$name', (copy) => {
  test('sends the whole stream of instellix.body to an API that responds early', async () => {
    const gateway = await startGateway();
    const api = copy.axios.create({ baseURL: gateway.url, adapter: copy.adapter, headers });
    copy.install(api, gateway.client);
    gateway.isEarly = true;
    expect((await api.put('/files/1', undefined, { instellix: { body: gateway.body } })).status).toBe(200);
    await until(() => gateway.isWhole);
    expect(gateway.receivedBytes).toBe(4 << 20);
  });
});

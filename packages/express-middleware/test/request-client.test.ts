import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { InstellixClient } from '@instellix/core';
import { gate, until } from '@instellix/testing';
import { AbortController as PolyfillController } from 'abort-controller';
import type { Request, RequestHandler } from 'express';
import { describe, expect, test, vi } from 'vitest';
import { instellix } from '../src/index.ts';
import { createRequestClient, isDisconnect } from '../src/request-client.ts';
import { ExpressFakeApi } from './express-fake-api.ts';
import { expresses, serve } from './expresses.ts';

const settle = (promise: Promise<unknown>) =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );

describe.each(expresses)('$name', ({ express }) => {
  async function serveBehind(client: InstellixClient, handler: RequestHandler): Promise<string> {
    const app = express();
    app.use(instellix(client));
    app.get('/', handler);
    return serve(app);
  }

  /** Serves a handler, and returns the outcome of each request in order. */
  async function watch(client: InstellixClient, act: (request: Request) => Promise<unknown>) {
    const outcomes: Promise<unknown>[] = [];
    const origin = await serveBehind(client, (request, response) => {
      const outcome = settle(act(request));
      outcomes.push(outcome);
      void outcome.then(() => response.end('done'));
    });
    return { origin, outcomes };
  }

  test('a client disconnect ends its own wait for a token, and no other', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const issue = fakeApi.hold('respondToToken');
    const { origin, outcomes } = await watch(fakeApi.createClient(), (request) => request.instellix.getToken());
    const leave = new AbortController();
    const left = settle(fetch(origin, { signal: leave.signal }));
    await until(() => outcomes.length === 1);
    const patient = fetch(origin);
    await until(() => outcomes.length === 2);
    leave.abort();
    await left;
    const reason = await outcomes[0];
    expect(reason).toMatchObject({ error: { name: 'AbortError', message: expect.stringContaining('disconnected') } });
    issue();
    expect(await (await patient).text()).toBe('done');
    expect(await outcomes[1]).toMatchObject({ value: { expiresAt: expect.any(Number) } });
    expect(fakeApi.tokenRequests).toBe(1);
  });

  test('a client disconnect ends its call of the API, and no other', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const release = fakeApi.hold('respond');
    const call = async (request: Request) => (await request.instellix.fetch('/customers')).text();
    const { origin, outcomes } = await watch(fakeApi.createClient(), call);
    const leave = new AbortController();
    const left = settle(fetch(origin, { signal: leave.signal }));
    await until(() => fakeApi.requests.length === 1);
    const patient = fetch(origin);
    await until(() => fakeApi.requests.length === 2);
    leave.abort();
    await left;
    expect(await outcomes[0]).toMatchObject({ error: { name: 'AbortError' } });
    await until(() => fakeApi.abandoned === 1);
    release();
    await patient;
    expect(await outcomes[1]).toEqual({ value: 'done' });
    expect(fakeApi.abandoned).toBe(1);
  });

  test('a client disconnect during a response ends the response of the API', async () => {
    const fakeApi = await ExpressFakeApi.start();
    fakeApi.respond = (_, response) => void response.write('first');
    const client = fakeApi.createClient();
    const origin = await serveBehind(client, async (request, response) => {
      const stream = await request.instellix.fetch('/stream');
      try {
        for await (const part of stream.body ?? []) response.write(part);
      } catch {}
    });
    const leave = new AbortController();
    const received = await fetch(origin, { signal: leave.signal });
    await received.body?.getReader().read();
    expect(fakeApi.abandoned).toBe(0);
    leave.abort();
    await until(() => fakeApi.abandoned === 1);
  });

  test('sends no call after its client has disconnected', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const client = fakeApi.createClient();
    await client.getToken();
    const outcome = gate<unknown>();
    const origin = await serveBehind(client, (request, response) => {
      response.on('close', () => outcome.open(settle(request.instellix.fetch('/customers'))));
    });
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n', () => socket.destroy());
    expect(await outcome.opened).toMatchObject({ error: { name: 'AbortError' } });
    expect(fakeApi.requests).toEqual([]);
  });

  test('calls after the response are not ended, on a kept connection or a closed one', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const release = fakeApi.hold('respond');
    const client = fakeApi.createClient();
    const outcomes: Promise<unknown>[] = [];
    const closed: boolean[] = [];
    const origin = await serveBehind(client, (request, response) => {
      const call = async () => (await request.instellix.fetch('/customers')).text();
      outcomes.push(settle(call()));
      response.on('close', () => {
        closed.push(response.writableFinished);
        outcomes.push(settle(call()));
      });
      response.end('accepted');
    });
    await (await fetch(origin)).text();
    await (await fetch(origin, { headers: { connection: 'close' } })).text();
    await until(() => closed.length === 2 && fakeApi.requests.length === 4);
    release();
    expect(await Promise.all(outcomes)).toEqual(Array(4).fill({ value: 'done' }));
    expect(closed).toEqual([true, true]);
  });

  test('the signal of the handler ends a call as well, also that of a Request', async () => {
    const fakeApi = await ExpressFakeApi.start();
    fakeApi.respond = () => {};
    const client = fakeApi.createClient();
    const own = new AbortController();
    const url = `${fakeApi.apiUrl}customers`;
    const { origin, outcomes } = await watch(client, ({ instellix }) =>
      Promise.all([
        settle(instellix.fetch(url, { signal: own.signal })),
        settle(instellix.fetch(new Request(url, { signal: own.signal }))),
        settle(instellix.getToken({ signal: AbortSignal.abort('own reason') })),
      ]),
    );
    const received = fetch(origin);
    await until(() => fakeApi.requests.length === 2);
    own.abort(new Error('own reason'));
    await received;
    const error = expect.objectContaining({ message: 'own reason' });
    expect(await outcomes[0]).toEqual({ value: [{ error }, { error }, { error: 'own reason' }] });
  });

  test('a call with its own signal still ends with its client', async () => {
    const fakeApi = await ExpressFakeApi.start();
    fakeApi.respond = () => {};
    const own = new AbortController();
    const { origin, outcomes } = await watch(fakeApi.createClient(), ({ instellix }) =>
      instellix.fetch('/customers', { signal: own.signal }),
    );
    const leave = new AbortController();
    const left = settle(fetch(origin, { signal: leave.signal }));
    await until(() => fakeApi.requests.length === 1);
    leave.abort();
    await left;
    expect(await outcomes[0]).toMatchObject({ error: { message: expect.stringContaining('disconnected') } });
  });

  test('a signal of a polyfill ends a call as well, and gets one listener for all calls', async () => {
    const fakeApi = await ExpressFakeApi.start();
    fakeApi.respond = () => {};
    const own = new PolyfillController();
    const listen = vi.spyOn(own.signal, 'addEventListener');
    const signal = own.signal as AbortSignal;
    const { origin, outcomes } = await watch(fakeApi.createClient(), async ({ instellix }) => {
      const calls = ['/a', '/b'].map((path) => settle(instellix.fetch(path, { signal })));
      await until(() => fakeApi.requests.length === 2);
      own.abort();
      return Promise.all([...calls, settle(instellix.getToken({ signal }))]);
    });
    await fetch(origin);
    const error = expect.objectContaining({ name: 'AbortError' });
    expect(await outcomes[0]).toEqual({ value: Array(3).fill({ error }) });
    expect(listen).toHaveBeenCalledOnce();
  });

  test('a null signal removes that of a Request, as on the platform', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const own = AbortSignal.abort();
    const { origin, outcomes } = await watch(fakeApi.createClient(), async ({ instellix }) => {
      const request = new Request(`${fakeApi.apiUrl}customers`, { signal: own });
      return (await instellix.fetch(request, { signal: null })).text();
    });
    await fetch(origin);
    expect(await outcomes[0]).toEqual({ value: 'done' });
  });

  test('a handler that closes its client ends its own calls, not those of the service', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const client = fakeApi.createClient();
    const { origin, outcomes } = await watch(client, async (request) => {
      const token = settle(request.instellix.getToken());
      await request.instellix.close();
      await request.instellix[Symbol.asyncDispose]();
      return [await token, await settle(request.instellix.fetch('/customers'))];
    });
    await fetch(origin);
    const closed = { error: { code: 'client_closed', message: expect.stringContaining('The client itself is open') } };
    expect(await outcomes[0]).toMatchObject({ value: [closed, closed] });
    expect(client.status().state).not.toBe('closed');
    await expect(client.getToken()).resolves.toBeTruthy();
  });

  test('options of the call reach the client', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const client = fakeApi.createClient();
    const first = await client.getToken();
    const { origin, outcomes } = await watch(client, ({ instellix }) => instellix.getToken({ rejected: first }));
    await fetch(origin);
    expect(fakeApi.tokenRequests).toBe(2);
    expect(await outcomes[0]).toMatchObject({ value: { value: 'planted-token-2' } });
  });

  test('options that are getters of a class reach the client', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const seen: unknown[] = [];
    const client = {
      ...fakeApi.createClient(),
      fetch: async (_: unknown, init: RequestInit = {}) => {
        seen.push([init.method, init.body, init.signal?.constructor.name, Object.hasOwn(init, 'constructor')]);
        return new Response('done');
      },
    };
    class Init {
      readonly #method = 'POST';
      get method() {
        return this.#method;
      }
      readonly body = 'hello';
    }
    const first = await client.getToken();
    class Options {
      get rejected() {
        return first;
      }
      readonly ofItsOwn = true;
    }
    const { origin, outcomes } = await watch(client, async ({ instellix }) => {
      const { value } = await instellix.getToken(new Options());
      return [value, await (await instellix.fetch('/customers', new Init())).text()];
    });
    await fetch(origin);
    expect(await outcomes[0]).toEqual({ value: ['planted-token-2', 'done'] });
    expect(seen).toEqual([['POST', 'hello', 'AbortSignal', false]]);
  });

  test('wrong options are a TypeError of the client', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const { origin, outcomes } = await watch(fakeApi.createClient(), async ({ instellix }) => {
      const signal = 'a string';
      const calls = [5, { minValidity: 5 }, { signal }].map((options) => instellix.getToken(options as never));
      const inits = [5, { signal }] as never[];
      return Promise.all([...calls, ...inits.map((init) => instellix.fetch('/', init))].map(settle));
    });
    await fetch(origin);
    expect(await outcomes[0]).toEqual({ value: Array(5).fill({ error: expect.any(TypeError) }) });
  });

  test('authorizationHeader ends with the caller, too', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const { origin, outcomes } = await watch(fakeApi.createClient(), async ({ instellix }) => {
      const header = await instellix.authorizationHeader();
      await instellix.close();
      return [header, await settle(instellix.authorizationHeader())];
    });
    await fetch(origin);
    expect(await outcomes[0]).toMatchObject({
      value: ['Bearer planted-token-1', { error: { code: 'client_closed' } }],
    });
  });

  test('all other members are those of the client, and need no `this`', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const client = fakeApi.createClient();
    const { origin, outcomes } = await watch(client, async ({ instellix }) => {
      const { environment, getToken, peekToken, status, subscribe, fetch } = instellix;
      const types: string[] = [];
      const before = [peekToken(), status().state];
      const unsubscribe = subscribe(({ type }) => types.push(type));
      await getToken();
      unsubscribe();
      await (await fetch('/customers')).text();
      const { name } = environment;
      return { name, before, types, peeked: peekToken() === client.peekToken(), state: status().state };
    });
    await fetch(origin);
    expect(await outcomes[0]).toEqual({
      value: {
        name: 'test',
        before: [undefined, 'missing'],
        types: ['token_requested', 'token_obtained'],
        peeked: true,
        state: 'fresh',
      },
    });
  });
});

test('a request without calls has no listener; one with many calls has one', async () => {
  const fakeApi = await ExpressFakeApi.start();
  const response = new EventEmitter() as ServerResponse;
  const view = createRequestClient(fakeApi.createClient(), response);
  view.peekToken();
  view.status();
  expect(response.listenerCount('close')).toBe(0);
  await Promise.all(Array.from({ length: 50 }, () => view.getToken()));
  expect(response.listenerCount('close')).toBe(1);
});

test('an abort by other code is not a client disconnect', () => {
  for (const reason of [new DOMException('aborted', 'AbortError'), 'text', null, undefined]) {
    expect(isDisconnect(reason)).toBe(false);
  }
});

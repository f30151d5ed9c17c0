import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { InstellixClient } from '@instellix/core';
import { AbortController as PolyfillController } from 'abort-controller';
import type { Request, RequestHandler } from 'express';
import { describe, expect, test, vi } from 'vitest';
import { instellix } from '../src/index.ts';
import { createRequestClient, isDisconnect } from '../src/request-client.ts';
import { expresses, serve } from './expresses.ts';
import { FakeApi, gate, until } from './fake-api.ts';

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

  /** Serves a handler whose outcomes are told, one for each request, in the order of their requests. */
  async function watch(client: InstellixClient, act: (request: Request) => Promise<unknown>) {
    const outcomes: Promise<unknown>[] = [];
    const origin = await serveBehind(client, (request, response) => {
      const outcome = settle(act(request));
      outcomes.push(outcome);
      void outcome.then(() => response.end('done'));
    });
    return { origin, outcomes };
  }

  test('a caller that goes away ends its own wait for a token, and nobody else’s', async () => {
    const fakeApi = await FakeApi.start();
    const issued = gate();
    const { issue } = fakeApi;
    fakeApi.issue = async (response) => {
      await issued.opened;
      await issue(response);
    };
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
    issued.open();
    expect(await (await patient).text()).toBe('done');
    expect(await outcomes[1]).toMatchObject({ value: { expiresAt: expect.any(Number) } });
    expect(fakeApi.tokenRequests).toBe(1);
  });

  test('a caller that goes away ends its call of the API, and nobody else’s', async () => {
    const fakeApi = await FakeApi.start();
    const answered = gate();
    fakeApi.answer = async (response) => {
      await answered.opened;
      response.end('answered');
    };
    const call = async (request: Request) => (await request.instellix.fetch('/customers')).text();
    const { origin, outcomes } = await watch(fakeApi.createClient(), call);
    const leave = new AbortController();
    const left = settle(fetch(origin, { signal: leave.signal }));
    await until(() => fakeApi.apiRequests === 1);
    const patient = fetch(origin);
    await until(() => fakeApi.apiRequests === 2);
    leave.abort();
    await left;
    expect(await outcomes[0]).toMatchObject({ error: { name: 'AbortError' } });
    await until(() => fakeApi.abandoned === 1);
    answered.open();
    await patient;
    expect(await outcomes[1]).toEqual({ value: 'answered' });
    expect(fakeApi.abandoned).toBe(1);
  });

  test('a caller that goes away in the middle of an answer ends what is read from the API', async () => {
    const fakeApi = await FakeApi.start();
    fakeApi.answer = (response) => void response.write('first');
    const client = fakeApi.createClient();
    const origin = await serveBehind(client, async (request, response) => {
      const answer = await request.instellix.fetch('/stream');
      try {
        for await (const part of answer.body ?? []) response.write(part);
      } catch {}
    });
    const leave = new AbortController();
    const answer = await fetch(origin, { signal: leave.signal });
    await answer.body?.getReader().read();
    expect(fakeApi.abandoned).toBe(0);
    leave.abort();
    await until(() => fakeApi.abandoned === 1);
  });

  test('a call that begins after its caller has left is not made', async () => {
    const fakeApi = await FakeApi.start();
    const client = fakeApi.createClient();
    await client.getToken();
    const outcome = gate<unknown>();
    const origin = await serveBehind(client, (request, response) => {
      response.on('close', () => outcome.open(settle(request.instellix.fetch('/customers'))));
    });
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n', () => socket.destroy());
    expect(await outcome.opened).toMatchObject({ error: { name: 'AbortError' } });
    expect(fakeApi.apiRequests).toBe(0);
  });

  test('work that goes on after the answer is not ended, on a kept connection or a closed one', async () => {
    const fakeApi = await FakeApi.start();
    const answered = gate();
    fakeApi.answer = async (response) => {
      await answered.opened;
      response.end('answered');
    };
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
    await until(() => closed.length === 2 && fakeApi.apiRequests === 4);
    answered.open();
    expect(await Promise.all(outcomes)).toEqual(Array(4).fill({ value: 'answered' }));
    expect(closed).toEqual([true, true]);
  });

  test('the handler’s own signal counts as well, also that of a Request', async () => {
    const fakeApi = await FakeApi.start();
    fakeApi.answer = () => {};
    const client = fakeApi.createClient();
    const own = new AbortController();
    const url = `${fakeApi.origin}/customers`;
    const { origin, outcomes } = await watch(client, ({ instellix }) =>
      Promise.all([
        settle(instellix.fetch(url, { signal: own.signal })),
        settle(instellix.fetch(new Request(url, { signal: own.signal }))),
        settle(instellix.getToken({ signal: AbortSignal.abort('own reason') })),
      ]),
    );
    const answer = fetch(origin);
    await until(() => fakeApi.apiRequests === 2);
    own.abort(new Error('own reason'));
    await answer;
    const error = expect.objectContaining({ message: 'own reason' });
    expect(await outcomes[0]).toEqual({ value: [{ error }, { error }, { error: 'own reason' }] });
  });

  test('a handler that has a signal of its own loses nothing of the caller’s', async () => {
    const fakeApi = await FakeApi.start();
    fakeApi.answer = () => {};
    const own = new AbortController();
    const { origin, outcomes } = await watch(fakeApi.createClient(), ({ instellix }) =>
      instellix.fetch('/customers', { signal: own.signal }),
    );
    const leave = new AbortController();
    const left = settle(fetch(origin, { signal: leave.signal }));
    await until(() => fakeApi.apiRequests === 1);
    leave.abort();
    await left;
    expect(await outcomes[0]).toMatchObject({ error: { message: expect.stringContaining('disconnected') } });
  });

  test('a signal of a polyfill counts as well, and gets one listener for all calls', async () => {
    const fakeApi = await FakeApi.start();
    fakeApi.answer = () => {};
    const own = new PolyfillController();
    const listen = vi.spyOn(own.signal, 'addEventListener');
    const signal = own.signal as AbortSignal;
    const { origin, outcomes } = await watch(fakeApi.createClient(), async ({ instellix }) => {
      const calls = ['/a', '/b'].map((path) => settle(instellix.fetch(path, { signal })));
      await until(() => fakeApi.apiRequests === 2);
      own.abort();
      return Promise.all([...calls, settle(instellix.getToken({ signal }))]);
    });
    await fetch(origin);
    const error = expect.objectContaining({ name: 'AbortError' });
    expect(await outcomes[0]).toEqual({ value: Array(3).fill({ error }) });
    expect(listen).toHaveBeenCalledOnce();
  });

  test('null takes the signal of a Request away, as on the platform', async () => {
    const fakeApi = await FakeApi.start();
    const own = AbortSignal.abort();
    const { origin, outcomes } = await watch(fakeApi.createClient(), async ({ instellix }) => {
      const request = new Request(`${fakeApi.origin}/customers`, { signal: own });
      return (await instellix.fetch(request, { signal: null })).text();
    });
    await fetch(origin);
    expect(await outcomes[0]).toEqual({ value: 'answered' });
  });

  test('a handler that closes its client ends its own calls, not those of the service', async () => {
    const fakeApi = await FakeApi.start();
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
    const fakeApi = await FakeApi.start();
    const client = fakeApi.createClient();
    const first = await client.getToken();
    const { origin, outcomes } = await watch(client, ({ instellix }) => instellix.getToken({ rejected: first }));
    await fetch(origin);
    expect(fakeApi.tokenRequests).toBe(2);
    expect(await outcomes[0]).toMatchObject({ value: { value: 'planted-token-2' } });
  });

  test('options that are getters of a class reach the client', async () => {
    const fakeApi = await FakeApi.start();
    const seen: unknown[] = [];
    const client = {
      ...fakeApi.createClient(),
      fetch: async (_: unknown, init: RequestInit = {}) => {
        seen.push([init.method, init.body, init.signal?.constructor.name]);
        return new Response('answered');
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
    expect(await outcomes[0]).toEqual({ value: ['planted-token-2', 'answered'] });
    expect(seen).toEqual([['POST', 'hello', 'AbortSignal']]);
  });

  test('wrong options are a TypeError of the client', async () => {
    const fakeApi = await FakeApi.start();
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
    const fakeApi = await FakeApi.start();
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

  test('everything else is the client’s own, and needs no `this`', async () => {
    const fakeApi = await FakeApi.start();
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

test('a request that makes no call listens to nothing; one that makes many has one listener', async () => {
  const fakeApi = await FakeApi.start();
  const response = new EventEmitter() as ServerResponse;
  const view = createRequestClient(fakeApi.createClient(), response);
  view.peekToken();
  view.status();
  expect(response.listenerCount('close')).toBe(0);
  await Promise.all(Array.from({ length: 50 }, () => view.getToken()));
  expect(response.listenerCount('close')).toBe(1);
});

test('an abort of somebody else does not pass for a caller that has gone', () => {
  for (const reason of [new DOMException('aborted', 'AbortError'), 'text', null, undefined]) {
    expect(isDisconnect(reason)).toBe(false);
  }
});

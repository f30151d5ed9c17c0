import { ConfigurationError, type InstellixClient, isInstellixError } from '@instellix/core';
import { gate } from '@instellix/testing';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { describe, expect, test } from 'vitest';
import { instellix } from '../src/index.ts';
import { ExpressFakeApi } from './express-fake-api.ts';
import { expresses, serve } from './expresses.ts';

describe.each(expresses)('$name', ({ express }) => {
  /** Serves middleware with a handler that calls the API, and collects the codes that reach error handlers. */
  async function mount(...handlers: RequestHandler[]): Promise<string> {
    const app = express();
    for (const handler of handlers) app.use(handler);
    app.get('/api', async (request, response, next) => {
      try {
        const customers = await request.instellix.fetch('/customers');
        response.send(await customers.text());
      } catch (error) {
        next(error);
      }
    });
    app.get('/client', (request, response) => void response.json({ has: 'instellix' in request }));
    const sendCode: ErrorRequestHandler = (error, _request, response, _next) => {
      response.status(500).send(isInstellixError(error) ? error.message : `other: ${error}`);
    };
    app.use(sendCode);
    return serve(app);
  }
  const read = async (url: string) => (await fetch(url)).text();

  test('a handler calls the API with a given client', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const origin = await mount(instellix(fakeApi.createClient()));
    expect(await read(`${origin}/api`)).toBe('done');
    expect(await read(`${origin}/api`)).toBe('done');
    expect(fakeApi.tokenRequests).toBe(1);
  });

  test('options create one client for all requests', async () => {
    const fakeApi = await ExpressFakeApi.start();
    await using middleware = instellix(fakeApi.options);
    const origin = await mount(middleware);
    const bodies = await Promise.all(Array.from({ length: 20 }, () => read(`${origin}/api`)));
    expect(new Set(bodies)).toEqual(new Set(['done']));
    expect(fakeApi.tokenRequests).toBe(1);
  });

  test('closing the middleware closes the client that it created', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const middleware = instellix(fakeApi.options);
    const origin = await mount(middleware);
    await read(`${origin}/api`);
    await middleware.close();
    expect(await read(`${origin}/api`)).toMatch(/is closed/);
    await middleware[Symbol.asyncDispose]();
  });

  test('closing the middleware does not close a given client', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const client = fakeApi.createClient();
    await instellix(client).close();
    expect(client.status().state).toBe('missing');
    await expect(client.getToken()).resolves.toBeTruthy();
  });

  test('the inner one of two applies, in its part of the application', async () => {
    const [outer, inner] = [await ExpressFakeApi.start(), await ExpressFakeApi.start()];
    outer.respond = (_, response) => void response.end('outer');
    inner.respond = (_, response) => void response.end('inner');
    const router = express.Router();
    router.use(instellix(inner.createClient()));
    router.get('/api', async (request, response) => {
      response.send(await (await request.instellix.fetch('/')).text());
    });
    const app = express();
    app.use(instellix(outer.createClient()));
    app.use('/tenant', router);
    app.get('/api', async (request, response) => {
      response.send(await (await request.instellix.fetch('/')).text());
    });
    const origin = await serve(app);
    expect([await read(`${origin}/tenant/api`), await read(`${origin}/api`)]).toEqual(['inner', 'outer']);
  });

  describe('a selector', () => {
    test('gives each request the client of its tenant, synchronously or asynchronously', async () => {
      const fakeApis = { a: await ExpressFakeApi.start(), b: await ExpressFakeApi.start() };
      fakeApis.a.respond = (_, response) => void response.end('a');
      fakeApis.b.respond = (_, response) => void response.end('b');
      const clients = new Map(Object.entries(fakeApis).map(([name, fakeApi]) => [name, fakeApi.createClient()]));
      const select = ({ query }: { query: unknown }) => {
        const client = clients.get((query as { tenant: string }).tenant) as InstellixClient;
        return client === clients.get('a') ? client : Promise.resolve(client);
      };
      const origin = await mount(instellix(select));
      const names = ['a', 'b', 'b', 'a'];
      expect(await Promise.all(names.map((name) => read(`${origin}/api?tenant=${name}`)))).toEqual(names);
      expect([fakeApis.a.tokenRequests, fakeApis.b.tokenRequests]).toEqual([1, 1]);
    });

    test('gives each request a view that ends with it, not the client itself', async () => {
      const fakeApi = await ExpressFakeApi.start();
      const client = fakeApi.createClient();
      const app = express();
      app.use(instellix(() => client));
      app.get('/', async (request, response) => {
        await request.instellix.close();
        response.end('closed');
      });
      expect(await read(await serve(app))).toBe('closed');
      expect(client.status().state).toBe('missing');
    });

    test.each([
      [
        'throws',
        () => () => {
          throw new Error('unknown tenant');
        },
      ],
      ['rejects', () => () => Promise.reject(new Error('unknown tenant'))],
    ])('that %s passes its error to the error handlers', async (_, make) => {
      const origin = await mount(instellix(make()));
      expect(await read(`${origin}/client`)).toBe('other: Error: unknown tenant');
    });

    test.each([
      ['nothing', () => undefined, /the result of the selector must be an object with the methods .*, not null/],
      ['a promise of nothing', async () => null, /the result of the selector must be an object/],
      ['options', () => ({ realm: 'a' }), /the result of the selector must be an object with the methods getToken/],
      ['a rejection without a reason', () => Promise.reject(), /selector of instellix\(\) failed without a reason/],
    ])('that returns %s is an error, and no request continues without a client', async (_, select, problem) => {
      const origin = await mount(instellix(select as unknown as () => InstellixClient));
      expect(await read(`${origin}/client`)).toMatch(problem);
    });

    test('that settles after the client has disconnected has no effect', async () => {
      const fakeApi = await ExpressFakeApi.start();
      const chosen = gate<InstellixClient>();
      const selected = gate();
      const origin = await mount(
        instellix(() => {
          selected.open();
          return chosen.opened;
        }),
      );
      const leave = new AbortController();
      const left = fetch(`${origin}/api`, { signal: leave.signal }).catch(() => 'left');
      await selected.opened;
      leave.abort();
      expect(await left).toBe('left');
      chosen.open(fakeApi.createClient());
      expect(await read(`${origin}/api`)).toBe('done');
    });
  });
});

describe('rejects invalid arguments when it is created', () => {
  const mounting = (source: unknown) => () => instellix(source as InstellixClient);

  test('options, with all problems at once', () => {
    const problems = { environment: 'moon', realm: '', clientId: 'c', clientSecret: 's', tenant: 'x' };
    expect(mounting(problems)).toThrow(ConfigurationError);
    expect(mounting(problems)).toThrow(/environment[\s\S]*realm/);
    expect(mounting(problems)).toThrow(/tenant/);
  });

  test.each([
    ['a string', 'acme'],
    ['a promise', Promise.resolve()],
    ['null', null],
    ['a number', 5],
    ['a list', []],
  ])('%s', (_, source) => {
    expect(mounting(source)).toThrow(ConfigurationError);
  });

  test('an incomplete client', () => {
    expect(mounting({ getToken: () => {} })).toThrow(/first argument must be an object with the methods getToken/);
  });

  test('an object with the client', async () => {
    const client = (await ExpressFakeApi.start()).createClient();
    expect(mounting({ client })).toThrow(ConfigurationError);
    expect(mounting({ client })).toThrow(/instellix: the first argument must be .*: pass the client itself\./);
    expect(mounting(() => ({ client }))).not.toThrow();
  });
});

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Dispatcher } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { instellixInterceptor } from '../src/index.ts';
import { send } from './set-up.ts';
import { UndiciFakeApi } from './undici-fake-api.ts';
import { undicis } from './undicis.ts';

const users = new AsyncLocalStorage<string>();

describe.each(undicis)('$name', ({ undici }) => {
  test.each([
    ['a resend', (api: UndiciFakeApi) => api.revokeAll(), ['bob', 'bob', 'bob']],
    ['a call', () => {}, ['bob']],
  ])('%s is dispatched in the asynchronous context of its caller', async (_, prepare, seen) => {
    const api = await UndiciFakeApi.start();
    const contexts: unknown[] = [];
    const recordContext: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
      contexts.push(users.getStore());
      return dispatch(options, handler);
    };
    const client = {
      ...api.client,
      getToken: (...options: Parameters<typeof api.client.getToken>) => {
        contexts.push(users.getStore());
        return api.client.getToken(...options);
      },
    };
    const agent = new undici.Agent({ connections: 1 });
    onTestFinished(() => agent.destroy());
    const dispatcher = agent.compose(recordContext).compose(instellixInterceptor(client));
    const { origin } = api;
    // It opens the connection.
    await users.run('alice', () => send(dispatcher, { origin }));
    prepare(api);
    contexts.length = 0;
    expect(await users.run('bob', () => send(dispatcher, { origin }))).toMatchObject({ status: 200 });
    expect(contexts).toEqual(seen);
  });
});

import { createInstellixClient } from '@instellix/core';
import { startEmulator } from '@instellix/emulator';
import nock from 'nock';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ignoreFailure } from './axios-fake-api.ts';
import { copies } from './copies.ts';

// In its own file, because nock and msw replace the same functions of Node.
describe.each(copies)('$name', (copy) => {
  test('nock responds to a call, and receives the token', async () => {
    await using emulator = await startEmulator({ throttleWindowMs: 0 });
    const { url, realm, clientId, clientSecret } = emulator;
    await using client = createInstellixClient({ environment: { apiUrl: url }, realm, clientId, clientSecret });
    const { value } = await client.getToken();
    onTestFinished(() => nock.cleanAll());
    const scope = nock(url, { reqheaders: { authorization: `Bearer ${value}` } });
    scope.get('/mocked').reply(200, { mocked: true });
    scope.get('/mocked').replyWithError(Object.assign(new Error('cut'), { code: 'ECONNRESET' }));
    const api = copy.axios.create({ baseURL: url, adapter: copy.adapter });
    copy.install(api, client);
    const { data, request } = await api.get('/mocked');
    expect(data).toEqual({ mocked: true });
    expect(request).toMatchObject({ method: 'GET', path: '/mocked', host: '127.0.0.1' });
    const error = await ignoreFailure(api.get('/mocked'));
    expect(error).toMatchObject({ isAxiosError: true });
    expect(copy.isApiUnreachable(error)).toBe(true);
  });
});

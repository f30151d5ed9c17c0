import { createInstellixClient } from '@instellix/core';
import { instellixInterceptor } from '@instellix/undici-interceptor';
import { Agent, type Dispatcher } from 'undici';
import { bareFetch, type FetchSubject, secondBareFetch } from './fetches.ts';

/** Makes calls with `request`, whose response is read as that of `fetch` is. */
function createCall(dispatcher: Dispatcher, origin: string, path: string, headers?: Record<string, string>) {
  const options = { origin, path, method: 'GET' as const, ...(headers && { headers }) };
  return async () => {
    const { statusCode, body } = await dispatcher.request(options);
    return { status: statusCode, arrayBuffer: () => body.arrayBuffer() };
  };
}

/** Ours, with its defaults. */
export const undiciWithInterceptor: FetchSubject = {
  name: 'undici.request with @instellix/undici-interceptor',
  async open({ origin }, path) {
    const client = createInstellixClient({
      environment: { apiUrl: origin },
      realm: 'acme',
      clientId: 'benchmark',
      clientSecret: 'secret',
    });
    await client.getToken();
    // The types are those of undici 8, which the package is developed with.
    const dispatcher = new Agent().compose(instellixInterceptor(client) as never);
    const close = async () => {
      await dispatcher.close();
      await client.close();
    };
    return { call: createCall(dispatcher, origin, path), close };
  },
};

/** The limit of undici. */
export const undiciWithHeader: FetchSubject = {
  name: 'undici.request with a static header',
  async open({ origin, authorization }, path) {
    const dispatcher = new Agent();
    return { call: createCall(dispatcher, origin, path, { authorization }), close: () => dispatcher.close() };
  },
};

export const undiciSubjects: readonly FetchSubject[] = [
  bareFetch,
  secondBareFetch,
  undiciWithInterceptor,
  undiciWithHeader,
];

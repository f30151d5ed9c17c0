import { instellixInterceptor } from '@instellix/undici-interceptor';
import { Agent as Undici7Agent } from 'undici';
import { Agent, type Dispatcher } from 'undici8';
import { bareFetch, type FetchSubject, secondBareFetch } from './fetches.ts';
import { createWarmClient } from './warm-client.ts';

/** Makes calls with `request`, whose response is read as that of `fetch` is. */
function createCall(dispatcher: Dispatcher, origin: string, path: string, headers?: Record<string, string>) {
  const options = { origin, path, method: 'GET' as const, ...(headers && { headers }) };
  return async () => {
    const { statusCode, body } = await dispatcher.request(options);
    return { status: statusCode, arrayBuffer: () => body.arrayBuffer() };
  };
}

type AgentClass = new () => Dispatcher;

/** Ours, with its defaults. */
function createInterceptorSubject(name: string, AnyAgent: AgentClass): FetchSubject {
  return {
    name: `${name}: request with @instellix/undici-interceptor`,
    async open({ origin }, path) {
      const client = await createWarmClient(origin);
      const dispatcher = new AnyAgent().compose(instellixInterceptor(client));
      const close = async () => {
        await dispatcher.close();
        await client.close();
      };
      return { call: createCall(dispatcher, origin, path), close };
    },
  };
}

/** The limit: the same version of undici, with a static header. */
function createStaticHeaderSubject(name: string, AnyAgent: AgentClass): FetchSubject {
  return {
    name: `${name}: request with a static header`,
    async open({ origin, authorization }, path) {
      const dispatcher = new AnyAgent();
      return { call: createCall(dispatcher, origin, path, { authorization }), close: () => dispatcher.close() };
    },
  };
}

// The types are those of undici 8, which the package is developed with.
const Agent7 = Undici7Agent as unknown as AgentClass;

export const undiciWithInterceptor: FetchSubject = createInterceptorSubject('undici 8', Agent);

export const undiciSubjects: readonly FetchSubject[] = [
  bareFetch,
  secondBareFetch,
  undiciWithInterceptor,
  createStaticHeaderSubject('undici 8', Agent),
  createInterceptorSubject('undici 7', Agent7),
  createStaticHeaderSubject('undici 7', Agent7),
];

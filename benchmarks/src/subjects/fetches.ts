import type { ProxyTarget } from './proxies.ts';
import { createWarmClient } from './warm-client.ts';

/** One way to call the API with `fetch`. */
export interface FetchSubject {
  readonly name: string;
  /** Prepares the calls of one path and gets the first token. */
  open(target: ProxyTarget, path: string): Promise<OpenFetch>;
}

/** The part of a response that the benchmarks use. */
export type CallResponse = Pick<Response, 'status' | 'arrayBuffer'>;

/** A {@link FetchSubject} that is ready to call. */
export interface OpenFetch {
  readonly call: () => Promise<CallResponse>;
  readonly close: () => Promise<void>;
}

/** The minimum cost of a call: the token is a constant. */
export const bareFetch: FetchSubject = {
  name: 'limit: fetch with a static header',
  async open({ origin, authorization }, path) {
    const url = origin + path;
    return { call: () => fetch(url, { headers: { authorization } }), close: async () => {} };
  },
};

/** The same again: the difference between the two is noise. */
export const secondBareFetch: FetchSubject = { ...bareFetch, name: 'limit, measured a second time' };

/** Ours, with its defaults. */
export const instellixFetch: FetchSubject = {
  name: 'client.fetch of @instellix/core',
  async open({ origin }, path) {
    const client = await createWarmClient(origin);
    return { call: () => client.fetch(path), close: client.close };
  },
};

export const fetchSubjects: readonly FetchSubject[] = [bareFetch, secondBareFetch, instellixFetch];

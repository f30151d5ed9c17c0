import type { InstellixClient } from '@instellix/core';
import { describe, expect, test } from 'vitest';
import { adapterContract } from '../../src/adapter/adapter-contract.ts';
import type { AdapterCall } from '../../src/adapter/adapter-harness.ts';

type Send = (client: InstellixClient, call: AdapterCall) => Promise<Response & { request?: unknown }>;

/** Adapters as they are written every day; each breaks promises that the contract must notice. */
const brokenAdapters: Record<string, { send: Send; breaks: readonly string[] }> = {
  'one that never looks at the answer': {
    send: async (client, { url, ...call }) =>
      client.fetch(url, { ...call, headers: { authorization: `Bearer ${(await client.getToken()).value}` } }),
    breaks: [
      'a 401 is healed by one renewal and one replay with the same body',
      'a caller that brings its own Authorization keeps it, and its 401',
    ],
  },
  'one that puts the token on every address': {
    send: async (client, { url, ...call }) => {
      const { value } = await client.getToken();
      const headers = { ...call.headers, authorization: `Bearer ${value}` };
      return fetch(new URL(url.replace(/^\/(?=\w)/, ''), client.environment.apiUrl), { ...call, ...duplex, headers });
    },
    breaks: [
      'an address that is not the API’s is refused before anything is sent',
      'a redirect off the API loses the token',
    ],
  },
  'one that replays whatever it has': {
    send: async (client, { body, ...call }) => {
      let isFirst = true;
      // What a retry library does to a stream that is drained already.
      const send = () => {
        const again = body instanceof ReadableStream && !isFirst ? '' : body;
        isFirst = false;
        return client.fetch(call.url, again === undefined ? call : { ...call, body: again });
      };
      const token = client.peekToken();
      const response = await send();
      if (response.status !== 401) return response;
      await client.getToken(token && { rejected: token });
      return send();
    },
    breaks: ['a body that can be sent only once is never replayed, least of all empty'],
  },
  'one that renews on 403, too': {
    send: async (client, { url, ...call }) => {
      const response = await client.fetch(url, call);
      const token = client.peekToken();
      if (response.status !== 403 || !token) return response;
      await client.getToken({ rejected: token });
      return client.fetch(url, call);
    },
    breaks: ['a 403 renews nothing and is not replayed'],
  },
  'one that forgets which token was refused': {
    send: async (client, { url, ...call }) => {
      const { value } = await client.getToken();
      const target = new URL(url.replace(/^\/(?=\w)/, ''), client.environment.apiUrl);
      const send = (token: string) =>
        fetch(target, { ...call, ...duplex, headers: { ...call.headers, authorization: `Bearer ${token}` } });
      const response = await send(value);
      if (response.status !== 401) return response;
      const current = client.peekToken();
      return send((await client.getToken(current && { rejected: current })).value);
    },
    breaks: ['a late 401 for an old token brings no token request'],
  },
  'one that waits on deaf ears': {
    send: async (client, { url, signal: _signal, ...call }) => client.fetch(url, call),
    breaks: ['an abort ends the wait for a token at once, and only for the one who aborts'],
  },
  'one that leaves the token behind at every redirect': {
    send: async (client, { url, ...call }) => {
      const response = await client.fetch(url, { ...call, redirect: 'manual' });
      const location = response.headers.get('location');
      return location === null ? response : fetch(location);
    },
    breaks: ['a redirect within the API keeps the token'],
  },
  'one that tells what it sent': {
    send: async (client, { url, ...call }) => {
      const response = await client.fetch(url, call);
      const { value } = await client.getToken();
      return Object.assign(response, { request: { headers: { authorization: `Bearer ${value}` } } });
    },
    breaks: ['nothing that comes back shows the token or the secret'],
  },
};

const duplex = { duplex: 'half' };

describe('the adapter contract finds', () => {
  for (const [name, { send, breaks }] of Object.entries(brokenAdapters)) {
    test(name, async () => {
      const failed: string[] = [];
      for (const { title, verify } of adapterContract) {
        const harness = {
          create: (client: InstellixClient) => ({
            async send(call: AdapterCall) {
              const raw = await send(client, call);
              // A Response inspects as itself alone, so what was put on it is shown beside it.
              return { status: raw.status, body: await raw.text(), raw: [raw, raw.request] };
            },
          }),
        };
        const deadline = new Promise<never>((_, reject) => setTimeout(reject, 2_000, new Error('hangs')).unref());
        await Promise.race([verify(harness), deadline]).catch(() => failed.push(title));
      }
      expect(failed).toEqual(expect.arrayContaining([...breaks]));
    });
  }
});

import { once } from 'node:events';
import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AccessToken, InstellixClient } from '@instellix/core';
import { describe, expect, test } from 'vitest';
import { adapterContract } from '../../src/adapter/adapter-contract.ts';
import type { AdapterCall } from '../../src/adapter/adapter-harness.ts';

type Send = (client: InstellixClient, call: AdapterCall) => Promise<Response & { request?: unknown }>;

/** Adapters as they are written every day; each breaks promises that the contract must notice. */
const brokenAdapters: Record<string, { send: Send; breaks: readonly string[] }> = {
  'an adapter that never reads the response': {
    send: async (client, { url, ...call }) =>
      client.fetch(url, { ...call, headers: { authorization: `Bearer ${(await client.getToken()).value}` } }),
    breaks: [
      'resends once after a 401 with the same body',
      'keeps an Authorization header of the caller, and returns its 401',
    ],
  },
  'an adapter that sends the token to every URL': {
    send: async (client, { url, ...call }) => {
      const { value } = await client.getToken();
      const headers = { ...call.headers, authorization: `Bearer ${value}` };
      return fetch(new URL(url.replace(/^\/(?=\w)/, ''), client.environment.apiUrl), { ...call, ...duplex, headers });
    },
    breaks: [
      'refuses a URL outside of the API before anything is sent',
      'sends no token after a redirect to a URL outside of the API',
    ],
  },
  'an adapter that sends the Host of its caller': {
    send: async (client, { url, headers = {} }) => {
      const authorization = `Bearer ${(await client.getToken()).value}`;
      const target = new URL(url.replace(/^\//, ''), client.environment.apiUrl);
      const [response] = await once(get(target, { headers: { ...headers, authorization } }), 'response');
      return new Response(await text(response), { status: response.statusCode });
    },
    breaks: ['sends no token with a Host of the caller that does not name the API'],
  },
  'an adapter that resends a drained body': {
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
    breaks: ['never resends a body that can be sent only once'],
  },
  'an adapter that refreshes the token after a 403': {
    send: async (client, { url, ...call }) => {
      const response = await client.fetch(url, call);
      const token = client.peekToken();
      if (response.status !== 403 || !token) return response;
      await client.getToken({ rejected: token });
      return client.fetch(url, call);
    },
    breaks: ['neither refreshes the token nor resends after a 403'],
  },
  'an adapter that does not remember which token was refused': {
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
    breaks: ['makes no token request after a late 401 for an old token'],
  },
  'an adapter that ignores the signal of its caller': {
    send: async (client, { url, signal: _signal, ...call }) => client.fetch(url, call),
    breaks: [
      'ends the wait for a token at once for the caller that aborts, and for no other',
      'ends the wait for the token of a resend at once when the caller aborts',
      'ends a resend at once when the caller aborts',
    ],
  },
  'an adapter that returns the 401 when its resend fails': {
    send: async (client, { url, ...call }) => {
      const token = await client.getToken();
      const target = new URL(url.replace(/^\/(?=\w)/, ''), client.environment.apiUrl);
      const send = ({ value }: AccessToken) =>
        fetch(target, { ...call, ...duplex, headers: { ...call.headers, authorization: `Bearer ${value}` } });
      const response = await send(token);
      if (response.status !== 401) return response;
      return client
        .getToken({ rejected: token })
        .then(send)
        .catch(() => response);
    },
    breaks: [
      'rejects when the connection breaks during a resend',
      'rejects with a code when no token can be obtained for a resend',
    ],
  },
  'an adapter that loses the token at every redirect': {
    send: async (client, { url, ...call }) => {
      const response = await client.fetch(url, { ...call, redirect: 'manual' });
      const location = response.headers.get('location');
      return location === null ? response : fetch(location);
    },
    breaks: ['keeps the token after a redirect within the API'],
  },
  'an adapter that returns the headers that it sent': {
    send: async (client, { url, ...call }) => {
      const response = await client.fetch(url, call);
      const { value } = await client.getToken();
      return Object.assign(response, { request: { headers: { authorization: `Bearer ${value}` } } });
    },
    breaks: ['shows neither the token nor the secret in what it returns or throws'],
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

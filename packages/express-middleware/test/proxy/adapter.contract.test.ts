import { createServer, type Server, request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type InstellixClient, RequestRefusedError, TokenRequestError } from '@instellix/core';
import { type AdapterCall, type AdapterResponse, adapterContract } from '@instellix/testing';
import express from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import { instellixProxy } from '../../src/proxy/instellix-proxy.ts';
import type { ProxyEvent } from '../../src/proxy/proxy-event.ts';

/** The cases in which a proxy differs from a client, each with the test of its own behaviour. */
const otherwise: Readonly<Record<string, string>> = {
  'returns a persistent 401 after resending once': 'it is a 502: hostile-upstreams, "rejects every token"',
  'neither refreshes the token nor resends after a 403':
    'the 403 is a 502: hostile-upstreams, "responds with 403 to a missing access right"',
  'never resends a body that can be sent only once':
    'short streams are kept and resent: proxy-exchange, "is followed by one resend with the same bytes"',
  'keeps an Authorization header of the caller, and returns its 401':
    'it is dropped: hostile-requests, "an Authorization of the caller"',
  'refuses a URL outside of the API before anything is sent': 'callers name paths, not addresses: hostile-requests',
  'sends no token after a redirect to a URL outside of the API':
    'redirects are not followed: hostile-upstreams, "redirects to another origin"',
  'keeps the token after a redirect within the API':
    'redirects are not followed: hostile-upstreams, "redirects to itself"',
  'sends no token after a redirect that another host has sent back to the API':
    'redirects are not followed: hostile-upstreams',
  'shows neither the token nor the secret in what it returns or throws':
    'callers get bytes, never objects of this process: secrecy, "no response and no event contains the token"',
};

const cases = adapterContract.filter(({ title }) => !(title in otherwise));
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A service with the proxy, and its caller. */
function create(client: InstellixClient, events: ProxyEvent[] = []) {
  const allow = [{ methods: ['GET', 'POST'], path: '/**' }];
  const proxy = instellixProxy(client, { allow, onEvent: (event) => void events.push(event) });
  const server = createServer(express().use('/proxied', proxy));
  servers.push(server);
  const listening = new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    async send(call: AdapterCall): Promise<AdapterResponse> {
      await listening;
      const response = await sendOverSocket((server.address() as AddressInfo).port, call);
      // A caller of the proxy receives a problem document; the contract requires an error.
      const code = response.body.startsWith('{"title"') ? JSON.parse(response.body).code : undefined;
      if (code === 'token_request_refused') throw new TokenRequestError(code, response.body);
      if (code) throw new RequestRefusedError(code, response.body);
      return response;
    },
  };
}

function sendOverSocket(port: number, { method, url, headers, body, signal }: AdapterCall): Promise<AdapterResponse> {
  return new Promise((resolve, reject) => {
    const path = `/proxied${url}`;
    const request = sendRequest({
      port,
      host: '127.0.0.1',
      path,
      method,
      headers: { ...headers },
      ...(signal && { signal }),
    });
    request.once('error', reject).once('response', (response) => {
      buffer(response).then((bytes) => {
        const text = bytes.toString();
        resolve({ status: response.statusCode ?? 0, body: text, raw: [text, response.rawHeaders] });
      }, reject);
    });
    if (body instanceof ReadableStream) Readable.fromWeb(body as never).pipe(request);
    else request.end(body);
  });
}

describe('keeps the adapter contract, as far as it applies to a proxy:', () => {
  test.each(cases)('$title', ({ verify }) => verify({ create }));
});

test('all excluded cases are cases of the contract', () => {
  const titles = adapterContract.map(({ title }) => title);
  expect(Object.keys(otherwise).filter((title) => !titles.includes(title))).toEqual([]);
  expect(cases.length + Object.keys(otherwise).length).toBe(titles.length);
});

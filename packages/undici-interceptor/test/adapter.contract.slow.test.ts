import type { InstellixClient } from '@instellix/core';
import { type AdapterCall, type AdapterResponse, adapterContract } from '@instellix/testing';
import type { Dispatcher } from 'undici';
import { describe, onTestFinished, test } from 'vitest';
import { instellixInterceptor } from '../src/index.ts';
import { type Undici, undicis } from './undicis.ts';

type Send = (call: AdapterCall) => Promise<AdapterResponse>;
type Ways = Readonly<Record<string, (undici: Undici, dispatcher: Dispatcher) => Send>>;

const ways: Ways = {
  request: (undici, dispatcher) => async (call) => {
    const response = await undici.request(call.url, { ...(call as object), dispatcher });
    return { status: response.statusCode, body: await response.body.text(), raw: response };
  },
  stream: (undici, dispatcher) => async (call) => {
    const { Writable } = await import('node:stream');
    const chunks: Buffer[] = [];
    let status = 0;
    const data = await undici.stream(call.url, { ...(call as { method: 'GET' }), dispatcher }, ({ statusCode }) => {
      status = statusCode;
      return new Writable({
        write(chunk, _, done) {
          chunks.push(chunk);
          done();
        },
      });
    });
    return { status, body: Buffer.concat(chunks).toString(), raw: data };
  },
  fetch: (undici, dispatcher) => async (call) => {
    const init = { ...call, dispatcher, ...(call.body instanceof ReadableStream && { duplex: 'half' }) };
    const response = await undici.fetch(call.url, init as never);
    return { status: response.status, body: await response.text(), raw: response };
  },
};

/** A dispatcher serves many origins: it sends these requests without the token. `instellix-interceptor.test.ts` verifies that. */
const refusesUrls = 'refuses a URL outside of the API before anything is sent';
/** `fetch` follows redirects with a new dispatch, which nothing connects with the first. */
const returnsFromOutside = 'sends no token after a redirect that another host has sent back to the API';

function createSend(undici: Undici, way: string, client: InstellixClient): Send {
  const { interceptors } = undici;
  const open = (resendBodyBytes: number) => {
    const agent = new undici.Agent();
    onTestFinished(() => agent.destroy());
    const dispatcher = agent.compose(
      instellixInterceptor(client, { resendBodyBytes }),
      interceptors.redirect({ maxRedirections: 5 }),
    );
    return ways[way]?.(undici, dispatcher) as Send;
  };
  const send = open(65_536);
  // `fetch` makes an iterable of a stream, which by default is kept and resent.
  const sendStream = open(0);
  return (call) => {
    const url = /^\w+:/.test(call.url) ? call.url : client.environment.apiUrl.href + call.url.replace(/^\//, '');
    return (call.body instanceof ReadableStream ? sendStream : send)({ ...call, url });
  };
}

describe.each(undicis)('$name the adapter contract is kept by', ({ undici }) => {
  describe.each(Object.keys(ways))('%s:', (way) => {
    const excluded = [refusesUrls, ...(way === 'fetch' ? [returnsFromOutside] : [])];
    test.each(adapterContract.filter(({ title }) => !excluded.includes(title)))('$title', ({ verify }) =>
      verify({ create: (client) => ({ send: createSend(undici, way, client) }) }),
    );
  });
});

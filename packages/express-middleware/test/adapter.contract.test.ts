import type { InstellixClient } from '@instellix/core';
import { type AdapterCall, type AdapterResponse, adapterContract } from '@instellix/testing';
import type { NextFunction, Request, Response } from 'express';
import { describe, test } from 'vitest';
import { instellix } from '../src/index.ts';
import { expresses, serve } from './expresses.ts';

type Express = (typeof expresses)[number]['express'];

interface Order {
  readonly call: AdapterCall;
  resolve(result: AdapterResponse): void;
  reject(error: unknown): void;
}

/** A service whose handlers make given calls and return their outcomes. */
function createService(express: Express, client: InstellixClient) {
  const orders: Order[] = [];
  const orderOf = ({ url }: Request) => orders[Number(url.slice(1))] as Order;
  const app = express();
  app.use(instellix(client));
  app.use((request: Request, response: Response, next: NextFunction) => {
    const { call, resolve } = orderOf(request);
    const { url, ...init } = call;
    request.instellix.fetch(url, init).then(async (received) => {
      resolve({ status: received.status, body: await received.text(), raw: [received, request, response] });
      response.end();
    }, next);
  });
  app.use((error: unknown, request: Request, response: Response, _: NextFunction) => {
    orderOf(request).reject(error);
    response.status(502).end();
  });
  const origin = serve(app);
  return (call: AdapterCall) =>
    new Promise<AdapterResponse>((resolve, reject) => {
      const number = orders.push({ call, resolve, reject }) - 1;
      origin.then((url) => fetch(`${url}/${number}`)).catch(reject);
    });
}

describe.each(expresses)('$name keeps the adapter contract:', ({ express }) => {
  // Each call is two requests over sockets, and some cases make hundreds at once.
  test.each(adapterContract)('$title', ({ verify }) =>
    verify({ create: (client) => ({ send: createService(express, client) }) }),
  );
});

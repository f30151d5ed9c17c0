import type { AccessToken, GetTokenOptions } from '@instellix/core';
import type { Dispatcher } from 'undici';
import { onTestFinished } from 'vitest';
import { instellixInterceptor, type UndiciInterceptorOptions } from '../src/index.ts';
import { UndiciFakeApi, type UndiciFakeApiOptions } from './undici-fake-api.ts';
import type { Undici } from './undicis.ts';

export interface SetUp {
  readonly api: UndiciFakeApi;
  readonly dispatcher: Dispatcher;
}

export type Options = Dispatcher.RequestOptions & { readonly origin: string };

/** Starts an API, and creates a dispatcher with the interceptor for it. */
export async function setUp(undici: Undici, options: UndiciFakeApiOptions = {}): Promise<SetUp> {
  const api = await UndiciFakeApi.start(options);
  const agent = new undici.Agent();
  onTestFinished(() => agent.destroy());
  return { api, dispatcher: agent.compose(instellixInterceptor(api.client)) };
}

/** Starts an API whose first token has been revoked, and creates a dispatcher with one connection to it. */
export async function setUpRevoked(undici: Undici, options?: UndiciInterceptorOptions): Promise<SetUp> {
  const api = await UndiciFakeApi.start();
  const agent = new undici.Agent({ connections: 1 });
  onTestFinished(() => agent.destroy());
  const dispatcher = agent.compose(instellixInterceptor(api.client, options));
  await api.client.getToken();
  api.revokeAll();
  return { api, dispatcher };
}

/** Sends a request, and reads its response. */
export async function send(
  dispatcher: Dispatcher,
  options: Partial<Options>,
): Promise<{ status: number; body: string }> {
  const response = await dispatcher.request({ method: 'GET', path: '/api/echo', ...options } as Options);
  return { status: response.statusCode, body: await response.body.text() };
}

/** The options of a POST that the API repeats. */
export function post({ origin }: UndiciFakeApi, body: unknown): Dispatcher.RequestOptions {
  return { origin, path: '/api/echo', method: 'POST', body } as Dispatcher.RequestOptions;
}

/** A `getToken` that ends only with its signal. */
export function waitForever({ signal }: GetTokenOptions = {}): Promise<AccessToken> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
}

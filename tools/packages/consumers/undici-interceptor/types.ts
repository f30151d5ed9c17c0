import type { InstellixClient } from '@instellix/core';
import { instellixInterceptor, type UndiciInterceptorOptions } from '@instellix/undici-interceptor';
import { Agent, type Dispatcher, interceptors, request } from 'undici';

export async function use(client: InstellixClient): Promise<number> {
  const options: UndiciInterceptorOptions = { resendBodyBytes: 1_024 };
  const dispatcher: Dispatcher = new Agent().compose(instellixInterceptor(client, options), interceptors.retry());
  // @ts-expect-error: not an option.
  instellixInterceptor(client, { replayBodyBytes: 1 });
  return (await request('https://api.example/', { dispatcher })).statusCode;
}

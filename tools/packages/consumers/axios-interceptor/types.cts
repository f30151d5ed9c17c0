import { createInstellixAxios, installInstellixInterceptor } from '@instellix/axios-interceptor';
import type { InstellixClient } from '@instellix/core';
import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';

export async function use(client: InstellixClient): Promise<number> {
  using _ = installInstellixInterceptor(axios, client);
  const { status } = await createInstellixAxios(client).get('/orders', { instellix: { requiredScope: 'orders:read' } });
  const own: AxiosInstance = createInstellixAxios(client, { timeout: 1_000 }, { axios });
  const config: AxiosRequestConfig = { instellix: { body: () => 'body' } };
  await own.post('/orders', undefined, config);
  // @ts-expect-error: not an option.
  await axios.get('/orders', { instellix: { scope: 'orders:read' } });
  return status + (await axios<string>('/public', { instellix: false })).status;
}

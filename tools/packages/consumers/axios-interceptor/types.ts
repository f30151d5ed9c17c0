import { createInstellixAxios, installInstellixInterceptor } from '@instellix/axios-interceptor';
import type { InstellixClient } from '@instellix/core';
import axios from 'axios';

export async function use(client: InstellixClient): Promise<number> {
  using _ = installInstellixInterceptor(axios, client, { runWhen: ({ url }) => url !== '/public' });
  const api = createInstellixAxios(client, { timeout: 1_000, instellix: { requiredScope: 'orders:read' } });
  const { status } = await api.get('/orders', { instellix: { body: () => 'body' } });
  // @ts-expect-error: not an option.
  await axios.get('/orders', { instellix: { scope: 'orders:read' } });
  return status + (await axios<string>('/public', { instellix: false })).status;
}

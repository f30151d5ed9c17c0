import { createInstellixClient, type InstellixClient, isInstellixError, type TokenStore } from '@instellix/core';

export async function use(store: TokenStore): Promise<number> {
  const client: InstellixClient = createInstellixClient({ environment: 'sandbox', store });
  try {
    const { value } = await client.getToken({ minValidityMs: 1_000 });
    return value.length + (await client.fetch('/customers')).status;
  } catch (error) {
    if (isInstellixError(error) && error.code === 'token_request_throttled') return error.retryAfterMs ?? 0;
    throw error;
  }
}

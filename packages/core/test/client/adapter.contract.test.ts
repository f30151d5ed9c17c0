import { adapterContract } from '@instellix/testing';
import { describe, test } from 'vitest';

describe('client.fetch keeps the adapter contract', () => {
  for (const { title, verify } of adapterContract) {
    test(title, () =>
      verify({
        create: (client) => ({
          async send({ url, body, ...init }) {
            const raw = await client.fetch(url, body === undefined ? init : { ...init, body });
            return { status: raw.status, body: await raw.text(), raw };
          },
        }),
      }),
    );
  }
});

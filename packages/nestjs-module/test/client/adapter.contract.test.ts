import { adapterContract } from '@instellix/testing';
import { describe, test } from 'vitest';
import { InstellixClient, InstellixModule } from '../../src/index.ts';
import { boot } from '../application.ts';

describe('in a NestJS application, the injected client keeps the adapter contract:', () => {
  test.each(adapterContract)('$title', ({ verify }) =>
    verify({
      create(client) {
        const application = boot({ imports: [InstellixModule.forRoot({ client })] });
        return {
          async send({ url, body, ...call }) {
            const injected = (await application).get(InstellixClient);
            const init =
              body === undefined ? call : { ...call, body, ...(typeof body !== 'string' && { duplex: 'half' }) };
            const response = await injected.fetch(url, init as RequestInit);
            return { status: response.status, body: await response.text(), raw: response };
          },
        };
      },
    }),
  );
});

import { Readable } from 'node:stream';
import { adapterContract } from '@instellix/testing';
import { type AxiosResponse, isAxiosError } from 'axios';
import { firstValueFrom } from 'rxjs';
import { describe, test } from 'vitest';
import { InstellixHttpModule, InstellixHttpService } from '../../src/axios/index.ts';
import { InstellixModule } from '../../src/index.ts';
import { boot } from '../application.ts';

describe('in a NestJS application, InstellixHttpService keeps the adapter contract:', () => {
  test.each(adapterContract)('$title', ({ verify }) =>
    verify({
      create(client) {
        const application = boot({
          imports: [
            InstellixModule.forRoot({ client }),
            InstellixHttpModule.forRoot({ axios: { responseType: 'text' } }),
          ],
        });
        const describeResponse = ({ status, data }: AxiosResponse, raw: unknown) => ({ status, body: data, raw });
        return {
          async send({ body, signal, ...call }) {
            const http = (await application).get(InstellixHttpService);
            const data = body instanceof ReadableStream ? Readable.from(body) : body;
            const config = { ...call, data, ...(signal && { signal }) };
            return firstValueFrom(http.request<string>(config)).then(
              (response) => describeResponse(response, [response, response.request, response.config]),
              (error: unknown) => {
                if (!isAxiosError(error) || !error.response) throw error;
                return describeResponse(error.response, [error, error.request, error.config, error.toJSON()]);
              },
            );
          },
        };
      },
    }),
  );
});

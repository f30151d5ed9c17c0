import { Readable } from 'node:stream';
import { type AdapterCall, adapterContract } from '@instellix/testing';
import { type AxiosResponse, isAxiosError } from 'axios';
import { describe, test } from 'vitest';
import { copies } from './copies.ts';

/** The http adapter does not support web streams. */
const forNode = (body: AdapterCall['body']) => (body instanceof ReadableStream ? Readable.from(body) : body);

describe.each(copies)('$name keeps the adapter contract:', ({ axios, install, adapter }) => {
  test.each(adapterContract)('$title', ({ verify }) =>
    verify({
      create(client) {
        const api = axios.create({ baseURL: client.environment.apiUrl.href, adapter, responseType: 'text' });
        install(api, client);
        const toResult = (response: AxiosResponse, raw: unknown) => ({
          status: response.status,
          body: response.data,
          raw,
        });
        return {
          send: ({ body, ...call }) =>
            api.request({ ...call, data: adapter === 'http' ? forNode(body) : body }).then(
              (response) => toResult(response, [response, response.request, response.config]),
              (error: unknown) => {
                if (!isAxiosError(error) || !error.response) throw error;
                return toResult(error.response, [error, error.request, error.config, error.toJSON()]);
              },
            ),
        };
      },
    }),
  );
});

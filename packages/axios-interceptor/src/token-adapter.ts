import type { InstellixClient } from '@instellix/core';
import type { AxiosAdapter, AxiosInstance, InternalAxiosRequestConfig } from 'axios';
import { createAddressCheck } from './api-address.ts';
import { ApiCall } from './api-call.ts';
import { findAxiosCopy } from './axios-copy.ts';

/** Creates what wraps the adapter of a call, whichever it is, into one that sends the client's token. */
export function createTokenAdapter(axios: AxiosInstance, client: InstellixClient) {
  const copy = findAxiosCopy(axios);
  const checkAddress = createAddressCheck(client.environment.apiUrl);

  return (adapter: InternalAxiosRequestConfig['adapter']): AxiosAdapter =>
    (config) => {
      // Whoever sends this config again, as retries do, passes the interceptor again.
      config.adapter = adapter as AxiosAdapter;
      const send = copy.adapterFor(config);
      if (config.instellix === false || config.headers.has('Authorization')) return send(config);
      try {
        return new ApiCall({ client, copy, send, config }, checkAddress(config)).run();
      } catch (error) {
        return Promise.reject(error);
      }
    };
}

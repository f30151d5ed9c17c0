import type { InstellixClient } from '@instellix/core';
import type { AxiosAdapter, AxiosInstance, AxiosRequestHeaders, InternalAxiosRequestConfig } from 'axios';
import { createAddressCheck } from './api-address.ts';
import { AxiosCall } from './axios-call.ts';
import { findAxiosCopy } from './axios-copy.ts';
import { checkCall } from './check-call.ts';
import { copyConfig } from './copy-config.ts';

/** Creates what wraps the adapter of a call, whichever it is, into one that sends the client's token. */
export function createTokenAdapter(axios: AxiosInstance, client: InstellixClient) {
  const scope = { client, copy: findAxiosCopy(axios) };
  const checkAddress = createAddressCheck(client.environment.apiUrl);

  return (adapter: InternalAxiosRequestConfig['adapter']): AxiosAdapter =>
    (config) => {
      // Whoever sends this config again, as retries do, passes the interceptor again.
      config.adapter = adapter as AxiosAdapter;
      const send = typeof adapter === 'function' ? adapter : scope.copy.adapterFor(config);
      const draft = copyConfig(config);
      if (draft.instellix === false || bringsAuthorization(draft.headers)) return send(config);
      try {
        checkCall(draft);
        return new AxiosCall(scope, send, config, draft, checkAddress(draft)).run();
      } catch (error) {
        return Promise.reject(error);
      }
    };
}

/** As `has('Authorization')` answers it, at a tenth of the price. */
function bringsAuthorization(headers: AxiosRequestHeaders): boolean {
  for (const name of Object.keys(headers)) {
    if (name.length === 13 && headers[name] !== undefined && name.toLowerCase() === 'authorization') return true;
  }
  return false;
}

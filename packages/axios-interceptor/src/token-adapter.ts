import type { InstellixClient } from '@instellix/core';
import type { AxiosAdapter, AxiosInstance, AxiosRequestHeaders, InternalAxiosRequestConfig } from 'axios';
import { createAddressCheck } from './api-address.ts';
import { findAxiosBuild } from './axios-build.ts';
import { AxiosCall } from './axios-call.ts';
import { checkCall } from './check-call.ts';
import { copyConfig, isAuthorization } from './copy-config.ts';

/** Creates what wraps the adapter of a call, whichever it is, into one that sends the client's token. */
export function createTokenAdapter(axios: AxiosInstance, client: InstellixClient) {
  const scope = { client, build: findAxiosBuild(axios) };
  const checkAddress = createAddressCheck(client.environment.apiUrl);

  return (adapter: InternalAxiosRequestConfig['adapter']): AxiosAdapter =>
    (config) => {
      // Whoever sends this config again, as retries do, passes the interceptor again.
      config.adapter = adapter as AxiosAdapter;
      const send = typeof adapter === 'function' ? adapter : scope.build.adapterFor(config);
      const draft = copyConfig(config);
      if (draft.instellix === false || hasAuthorization(draft.headers)) return send(config);
      try {
        checkCall(draft);
        return new AxiosCall(scope, send, config, draft, checkAddress(draft)).run();
      } catch (error) {
        return Promise.reject(error);
      }
    };
}

/** Whether the caller has set an Authorization. One that is undefined or null counts as not set; `false` means none at all. */
function hasAuthorization(headers: AxiosRequestHeaders): boolean {
  return Object.keys(headers).some((name) => isAuthorization(name) && headers[name] != null);
}

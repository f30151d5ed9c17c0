import { ConfigurationError, type InstellixClient } from '@instellix/core';
import type { AxiosInstance, AxiosInterceptorOptions, InternalAxiosRequestConfig } from 'axios';
import { checkArguments } from './check-arguments.ts';
import { createTokenAdapter } from './token-adapter.ts';

/** How the interceptor is installed. */
export interface InstellixInterceptorOptions {
  /** Which calls are the client's; all others go out as if the interceptor were not there. @default all */
  readonly runWhen?: NonNullable<AxiosInterceptorOptions['runWhen']> | undefined;
}

/** An Axios instance, as far as the types of the CommonJS and of the ESM build of Axios agree on what that is. */
export type AnyAxiosInstance = Pick<AxiosInstance, 'interceptors' | 'defaults'>;

/** An installed interceptor; ends with `eject()` or with its `using` block. */
export interface InstellixInterceptor extends Disposable {
  /** Takes the interceptor out; calls that are under way end as they began. */
  eject(): void;
}

interface Installation {
  readonly client: InstellixClient;
  readonly interceptor: InstellixInterceptor;
  /** False after `interceptors.request.clear()`, too. */
  isAttached(): boolean;
}

const installations = new WeakMap<AnyAxiosInstance, Installation>();

/**
 * Lets every call of an Axios instance carry the client's access token, whatever else is installed in it.
 *
 * Installing it again for the same client changes nothing and gives the same answer.
 *
 * @throws ConfigurationError when the arguments are none that work, or the instance already serves another client
 */
export function installInstellixInterceptor(
  axios: AnyAxiosInstance,
  client: InstellixClient,
  options: InstellixInterceptorOptions = {},
): InstellixInterceptor {
  const { runWhen } = checkArguments(axios, client, options);
  const present = installations.get(axios);
  if (present?.isAttached()) {
    if (present.client === client) return present.interceptor;
    throw new ConfigurationError([
      'this Axios instance already serves another client: eject its interceptor first, or use an instance for each client.',
    ]);
  }
  const wrap = createTokenAdapter(axios as AxiosInstance, client);
  // Nothing but the adapter is swapped: it runs behind all interceptors and transforms, in whatever order they were added.
  const attach = (config: InternalAxiosRequestConfig) => {
    if (!isEjected) config.adapter = wrap(config.adapter);
    return config;
  };
  const { request } = axios.interceptors;
  const id = request.use(attach, null, { synchronous: true, runWhen: runWhen ?? null });
  let isEjected = false;
  // Searched for, because the ids of Axios 1.21 are not indexes. `interceptors.request.clear()` removes it without our knowledge.
  const isAttached = () => !isEjected && (request.handlers ?? []).some((handler) => handler?.fulfilled === attach);
  const eject = () => {
    // After `clear()`, Axios before 1.21 gives the same id to another interceptor.
    if (isAttached()) request.eject(id);
    isEjected = true;
  };
  const interceptor = { eject, [Symbol.dispose]: eject };
  installations.set(axios, { client, interceptor, isAttached });
  return interceptor;
}

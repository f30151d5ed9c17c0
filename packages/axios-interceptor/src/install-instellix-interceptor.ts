import { ConfigurationError, type InstellixClient } from '@instellix/core';
import { clientValidator, func, object, optional, readOptions, required } from '@instellix/core/adapter';
import type { AxiosError, AxiosInstance, AxiosInterceptorOptions, AxiosResponse } from 'axios';
import { attachAdapter } from './attach-adapter.ts';
import { explainLostToken } from './explain-lost-token.ts';
import { createTokenAdapter } from './token-adapter.ts';

/** How the interceptor is installed. */
export interface InstellixInterceptorOptions {
  /** Whether a call is one of the client's. All other calls are sent as if the interceptor were not installed. @default all */
  readonly runWhen?: NonNullable<AxiosInterceptorOptions['runWhen']> | undefined;
}

/** An Axios instance of the ESM or of the CommonJS build, whose types do not fit each other; also one that `new Axios()` made. */
export interface AnyAxiosInstance {
  readonly interceptors: AxiosInstance['interceptors'];
  readonly defaults: Pick<AxiosInstance['defaults'], 'baseURL'>;
}

/** An installed interceptor; ends with `eject()` or with its `using` block. */
export interface InstellixInterceptor extends Disposable {
  /** Removes the interceptor. Calls in progress end as they began. Calling it again has no effect. */
  eject(): void;
}

/** What is installed in an instance. Installing again replaces it, and keeps the interceptor that the caller has. */
interface Installation {
  readonly client: InstellixClient;
  readonly interceptor: InstellixInterceptor;
}

const argumentsValidator = object({
  axios: required(
    optional<AnyAxiosInstance>(
      'an Axios instance, or axios itself',
      (value) => typeof value?.interceptors?.request?.use === 'function',
    ),
  ),
  client: required(clientValidator),
  options: object<InstellixInterceptorOptions>({ runWhen: func() }),
});

const installations = new WeakMap<AnyAxiosInstance, Installation>();

/**
 * Adds the client's access token to every call of an Axios instance, in any order with other interceptors.
 *
 * When it is installed again for the same client, it returns the same interceptor, and the last `runWhen` applies.
 *
 * @throws ConfigurationError when the arguments cannot work, or when another client's interceptor is installed
 */
export function installInstellixInterceptor(
  axios: AnyAxiosInstance,
  client: InstellixClient,
  options: InstellixInterceptorOptions = {},
): InstellixInterceptor {
  const { runWhen } = readOptions(argumentsValidator, { axios, client, options }, (given) => given.options);
  const present = installations.get(axios);
  if (present && present.client !== client) {
    throw new ConfigurationError([
      'This Axios instance already serves another client: eject its interceptor first, or use an instance for each client.',
    ]);
  }
  const eject = () => {
    if (installations.get(axios)?.interceptor === interceptor) installations.delete(axios);
  };
  const interceptor: InstellixInterceptor = present?.interceptor ?? { eject, [Symbol.dispose]: eject };
  // Added again even if it is present: `interceptors.request.clear()` removes it, and only a call shows whether it has.
  const installation: Installation = { client, interceptor };
  installations.set(axios, installation);
  addInterceptors(axios, installation, runWhen);
  return interceptor;
}

/** Adds interceptors to an instance, which are in use until it has another installation, or none. */
function addInterceptors(
  axios: AnyAxiosInstance,
  installation: Installation,
  runWhen: InstellixInterceptorOptions['runWhen'],
): void {
  const isInUse = () => installations.get(axios) === installation;
  const wrap = createTokenAdapter(installation.client);
  const { request, response } = axios.interceptors;
  const requestId = request.use(
    (config) => {
      if (isInUse()) return attachAdapter(config, wrap);
      // Ejected when it runs, because then the id is still its own: after `clear()`, Axios before 1.21 assigns the ids again.
      request.eject(requestId);
      return config;
    },
    null,
    { synchronous: true, runWhen: (config) => !isInUse() || runWhen?.(config) !== false },
  );
  const inspect = (settled: AxiosResponse | undefined, error?: AxiosError) => {
    if (!isInUse()) response.eject(responseId);
    else if (settled) explainLostToken(settled, error, runWhen);
  };
  const responseId = response.use(
    (settled) => {
      inspect(settled);
      return settled;
    },
    (error) => {
      inspect(error?.response, error);
      throw error;
    },
  );
}

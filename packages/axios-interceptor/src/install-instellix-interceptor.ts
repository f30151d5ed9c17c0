import { ConfigurationError, type InstellixClient } from '@instellix/core';
import { clientValidator, func, object, optional, readOptions, required } from '@instellix/core/adapter';
import type {
  AxiosError,
  AxiosInstance,
  AxiosInterceptorOptions,
  AxiosResponse,
  InternalAxiosRequestConfig,
} from 'axios';
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

interface Installation {
  readonly client: InstellixClient;
  readonly interceptor: InstellixInterceptor;
  /** Identifies the interceptors that are in use; undefined after `eject()`. */
  current: object | undefined;
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
  const installation = findInstallation(axios, client);
  // Added again even if they are present: `interceptors.request.clear()` removes them, and only a call shows whether it has.
  const added = {};
  installation.current = added;
  const isInUse = () => installation.current === added;
  const isClientsCall = (config: InternalAxiosRequestConfig) => runWhen?.(config) !== false;

  const { request, response } = axios.interceptors;
  const sentWith401 = new WeakSet<object>();
  const wrap = createTokenAdapter({ client, apiUrl: client.environment.apiUrl, sentWith401 });
  const requestId = request.use(
    (config) => {
      if (isInUse()) return attachAdapter(config, wrap);
      // Ejected when it runs, because then the id is still its own: after `clear()`, Axios before 1.21 assigns the ids again.
      request.eject(requestId);
      return config;
    },
    null,
    { synchronous: true, runWhen: (config) => !isInUse() || isClientsCall(config) },
  );
  const explain = (settled: AxiosResponse | undefined, error?: AxiosError) => {
    if (isInUse())
      return explainLostToken(settled, error, (config) => !sentWith401.has(config) && isClientsCall(config));
    response.eject(responseId);
    return error;
  };
  const responseId = response.use(
    (settled) => {
      const error = explain(settled);
      if (error) throw error;
      return settled;
    },
    (error) => {
      throw explain(error?.response, error);
    },
  );
  return installation.interceptor;
}

function findInstallation(axios: AnyAxiosInstance, client: InstellixClient): Installation {
  const present = installations.get(axios);
  if (present?.current) {
    if (present.client === client) return present;
    throw new ConfigurationError([
      'This Axios instance already serves another client: eject its interceptor first, or use an instance for each client.',
    ]);
  }
  const eject = () => {
    installation.current = undefined;
  };
  const interceptor = { eject, [Symbol.dispose]: eject };
  const installation: Installation = { client, interceptor, current: undefined };
  installations.set(axios, installation);
  return installation;
}

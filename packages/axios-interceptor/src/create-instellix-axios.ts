import type { InstellixClient } from '@instellix/core';
import {
  clientValidator,
  func,
  object,
  readOption,
  readOptions,
  required,
  resolveApiUrl,
  withMethods,
} from '@instellix/core/adapter';
import ownBuild, { type AxiosStatic } from 'axios';
import {
  type AnyAxiosInstance,
  type InstellixInterceptorOptions,
  installInstellixInterceptor,
} from './install-instellix-interceptor.ts';

/** What creates Axios instances: `axios` itself, of the ESM or of the CommonJS build. */
export interface AxiosFactory {
  create(defaults?: never): AnyAxiosInstance;
}

/** How an Axios instance is created. */
export interface CreateInstellixAxiosOptions<Axios extends AxiosFactory = AxiosStatic>
  extends InstellixInterceptorOptions {
  /** The `axios` whose classes the instance has. Give it in CommonJS: `require('axios')`. @default the ESM build */
  readonly axios?: Axios | undefined;
}

const argumentsValidator = object({
  client: required(clientValidator),
  options: object<CreateInstellixAxiosOptions<AxiosFactory>>({ runWhen: func(), axios: withMethods('create') }),
});

/**
 * Creates an Axios instance for the API of a client, with the interceptor installed.
 *
 * `baseURL` is resolved against the API's base, which is the default.
 *
 * @throws ConfigurationError when the arguments cannot work
 * @throws RequestRefusedError `origin_not_allowed` when `baseURL` is not below the API's base
 */
export function createInstellixAxios<Axios extends AxiosFactory = AxiosStatic>(
  client: InstellixClient,
  defaults?: Parameters<Axios['create']>[0],
  options: CreateInstellixAxiosOptions<Axios> = {},
): ReturnType<Axios['create']> {
  const { axios = ownBuild, runWhen } = readOptions(argumentsValidator, { client, options }, (given) => given.options);
  const baseURL = readOption(defaults ?? {}, 'baseURL') as string | undefined;
  const { href } = resolveApiUrl(client.environment.apiUrl, baseURL ?? '');
  const instance = axios.create(defaults as never);
  instance.defaults.baseURL = href;
  installInstellixInterceptor(instance, client, { runWhen });
  return instance as ReturnType<Axios['create']>;
}

import type { InstellixClient } from '@instellix/core';
import { anyOptions, clientValidator, func, object, readOptions, required, withMethods } from '@instellix/core/adapter';
import ownBuild, { type AxiosStatic } from 'axios';
import { resolveBaseUrl } from './call-url.ts';
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
  defaults: anyOptions<{ readonly baseURL?: string | null }>(),
  options: object<CreateInstellixAxiosOptions<AxiosFactory>>({ runWhen: func(), axios: withMethods('create') }),
});

/**
 * Creates an Axios instance for the API of a client, with the interceptor installed.
 *
 * `baseURL` is resolved against the API's base, which is the default.
 *
 * @throws ConfigurationError when the arguments cannot work, such as a `baseURL` that is not below the API's base
 */
export function createInstellixAxios<Axios extends AxiosFactory = AxiosStatic>(
  client: InstellixClient,
  defaults?: Parameters<Axios['create']>[0],
  options: CreateInstellixAxiosOptions<Axios> = {},
): ReturnType<Axios['create']> {
  const given = readOptions(argumentsValidator, { client, defaults, options }, (read) => read);
  const { axios = ownBuild, runWhen } = given.options;
  const baseURL = resolveBaseUrl(client.environment.apiUrl, given.defaults?.baseURL);
  const instance = axios.create(given.defaults as never);
  instance.defaults.baseURL = baseURL;
  installInstellixInterceptor(instance, client, { runWhen });
  return instance as ReturnType<Axios['create']>;
}

import type { InstellixClient } from '@instellix/core';
import { readOption, resolveApiUrl } from '@instellix/core/adapter';
import axios, { type AxiosInstance, type CreateAxiosDefaults } from 'axios';
import { checkArguments } from './check-arguments.ts';
import { type InstellixInterceptorOptions, installInstellixInterceptor } from './install-instellix-interceptor.ts';

/**
 * Creates an Axios instance for the API of a client, with the interceptor installed.
 *
 * A `baseURL` of the defaults lies below the API's base, which is also what it is when left out.
 *
 * @throws ConfigurationError when the arguments are none that work
 * @throws RequestRefusedError `origin_not_allowed` when `baseURL` leads elsewhere
 */
export function createInstellixAxios(
  client: InstellixClient,
  defaults: CreateAxiosDefaults = {},
  options: InstellixInterceptorOptions = {},
): AxiosInstance {
  checkArguments(axios, client, options);
  const { href } = resolveApiUrl(
    client.environment.apiUrl,
    (readOption(defaults, 'baseURL') as string | undefined) ?? '',
  );
  const instance = axios.create({ ...defaults, baseURL: href });
  installInstellixInterceptor(instance, client, options);
  return instance;
}

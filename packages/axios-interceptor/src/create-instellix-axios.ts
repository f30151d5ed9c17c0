import { type InstellixClient, resolveApiUrl } from '@instellix/core';
import axios, { type AxiosInstance, type CreateAxiosDefaults } from 'axios';
import { type InstellixInterceptorOptions, installInstellixInterceptor } from './install-instellix-interceptor.ts';

/**
 * Creates an Axios instance for the API of a client, with the interceptor installed.
 *
 * A `baseURL` of the defaults lies below the API's base, which is also what it is when left out.
 *
 * @throws RequestRefusedError `origin_not_allowed` when `baseURL` leads elsewhere
 */
export function createInstellixAxios(
  client: InstellixClient,
  defaults: CreateAxiosDefaults = {},
  options?: InstellixInterceptorOptions,
): AxiosInstance {
  const { href } = resolveApiUrl(client.environment.apiUrl, defaults.baseURL ?? '');
  const instance = axios.create({ ...defaults, baseURL: href });
  installInstellixInterceptor(instance, client, options);
  return instance;
}

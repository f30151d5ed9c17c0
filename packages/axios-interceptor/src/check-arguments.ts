import type { InstellixClient } from '@instellix/core';
import { callable, clientRule, group, needed, optional, readOptions } from '@instellix/core/options';
import type { AnyAxiosInstance, InstellixInterceptorOptions } from './install-instellix-interceptor.ts';

const argumentsRule = group({
  axios: needed(
    optional<AnyAxiosInstance>(
      'an Axios instance, or axios itself',
      (value) => typeof value?.interceptors?.request?.use === 'function',
    ),
  ),
  client: needed(clientRule),
  options: group({ runWhen: callable() }),
});

/**
 * Tells all that is wrong with what the interceptor is installed with; swapped arguments to begin with.
 *
 * @throws ConfigurationError with every problem at once
 */
export function checkArguments(
  axios: AnyAxiosInstance,
  client: InstellixClient,
  options: InstellixInterceptorOptions,
): void {
  readOptions(argumentsRule, { axios, client, options }, Object);
}

import type { InstellixClient } from '@instellix/core';
import { clientValidator, func, object, optional, readOptions, required } from '@instellix/core/adapter';
import type { AnyAxiosInstance, InstellixInterceptorOptions } from './install-instellix-interceptor.ts';

const argumentsValidator = object({
  axios: required(
    optional<AnyAxiosInstance>(
      'an Axios instance, or axios itself',
      (value) => typeof value?.interceptors?.request?.use === 'function',
    ),
  ),
  client: required(clientValidator),
  options: object({ runWhen: func() }),
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
  readOptions(argumentsValidator, { axios, client, options }, Object);
}

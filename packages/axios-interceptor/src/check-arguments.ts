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
  options: object<InstellixInterceptorOptions>({ runWhen: func() }),
});

/**
 * Checks what the interceptor is installed with, such as swapped arguments, and returns its options.
 *
 * @throws ConfigurationError with every problem at once
 */
export function checkArguments(
  axios: AnyAxiosInstance,
  client: InstellixClient,
  options: InstellixInterceptorOptions,
): InstellixInterceptorOptions {
  return readOptions(argumentsValidator, { axios, client, options }, (given) => given.options);
}

import { ConfigurationError, type InstellixClient } from '@instellix/core';
import type { AnyAxiosInstance, InstellixInterceptorOptions } from './install-instellix-interceptor.ts';

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
  const problems: string[] = [];
  if (typeof axios?.interceptors?.request?.use !== 'function') {
    problems.push('axios must be an Axios instance, or axios itself.');
  }
  if (typeof client?.peekToken !== 'function') problems.push('client must be what createInstellixClient returned.');
  const { runWhen, ...unknown } = Object(options);
  if (Object(options) !== options || Object.keys(unknown).length > 0) {
    problems.push('options must be an object with no other key than runWhen.');
  }
  if (runWhen !== undefined && typeof runWhen !== 'function') problems.push('options.runWhen must be a function.');
  if (problems.length > 0) throw new ConfigurationError(problems);
}

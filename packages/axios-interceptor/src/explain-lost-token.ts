import { ConfigurationError } from '@instellix/core';
import type { AxiosError, AxiosInterceptorOptions, AxiosResponse } from 'axios';
import { findAxiosBuild } from './axios-build.ts';
import { setCause } from './axios-error.ts';
import { wantsToken } from './call-options.ts';

/** The configs of calls that were sent with our adapter and ended with a 401, which is not due to an interceptor. */
export const refusedCalls = new WeakSet<object>();

/**
 * Explains a 401 that is due to an interceptor: it has made a new config without `transformRequest`, so that the token could not be added.
 *
 * @param error the error with which Axios rejects because of the response
 * @throws AxiosError with the reason as its `cause`
 */
export function explainLostToken(
  response: AxiosResponse,
  error: AxiosError | undefined,
  runWhen: AxiosInterceptorOptions['runWhen'],
): void {
  const { status, config, request } = response;
  if (status !== 401 || !config?.headers?.has || refusedCalls.has(config)) return;
  if (!wantsToken(config) || runWhen?.(config) === false) return;
  const cause = new ConfigurationError([
    'An interceptor of this Axios instance returned a new config, so that the call was sent without the access token: return the config that the interceptor received, or copy its `transformRequest`, too.',
  ]);
  if (error) throw setCause(error, cause);
  // Without `validateStatus`, which the new config may lack, too, Axios takes a 401 for a success.
  const { AxiosError } = findAxiosBuild(config.headers);
  const message = 'Request failed with status code 401';
  throw setCause(new AxiosError(message, AxiosError.ERR_BAD_REQUEST, config, request, response), cause);
}

import { ConfigurationError } from '@instellix/core';
import type { AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { findAxiosBuild } from './axios-build.ts';
import { setCause } from './axios-error.ts';
import { wantsToken } from './call-options.ts';

/**
 * Returns the error of a 401 that is due to an interceptor: it has made a new config without `transformRequest`, so that the token could
 * not be added. Any other error is returned as it is.
 */
export function explainLostToken(
  response: AxiosResponse | undefined,
  error: AxiosError | undefined,
  isUnattached: (config: InternalAxiosRequestConfig) => boolean,
): AxiosError | undefined {
  const config = response?.config;
  if (response?.status !== 401 || !config?.headers?.has || !wantsToken(config) || !isUnattached(config)) return error;
  const cause = new ConfigurationError([
    'An interceptor of this Axios instance returned a new config, so that the call was sent without the access token: return the config that the interceptor received, or copy its `transformRequest`, too.',
  ]);
  if (error) return setCause(error, cause);
  // Without `validateStatus`, which the new config may lack, too, Axios takes a 401 for a success.
  const { AxiosError } = findAxiosBuild(config.headers);
  const code = AxiosError.ERR_BAD_REQUEST;
  return setCause(
    new AxiosError('Request failed with status code 401', code, config, response.request, response),
    cause,
  );
}

import type { ServerResponse } from 'node:http';
import { describeRefusal, type Environment, type RequestRefusedError } from '@instellix/core';
import { describeEnvironment, readBearerChallenge } from '@instellix/core/adapter';
import type { ApiResponse } from './api-request.ts';
import type { ProxySettings } from './proxy-settings.ts';
import type { ValidatedRequest } from './validated-request.ts';

/** Returns the headers for the caller; undefined for a response that is not forwarded. */
export function selectHeaders(
  apiResponse: ApiResponse,
  { apiTarget, mountPath }: ValidatedRequest,
  { apiUrl, client, responseHeaders }: ProxySettings,
  response: ServerResponse,
) {
  const { status, headers } = apiResponse;
  // A 407 is about a proxy between the service and the API. The caller would look for a proxy of its own.
  if (status === 407 || findRefusal(apiResponse, client.environment)) return undefined;
  return responseHeaders.select(headers, status, { apiUrl, requested: apiTarget, mountPath, response });
}

/** Returns the error for a response that refuses the service, and says nothing about the caller. */
export function findRefusal(
  { status, headers, request: { token } }: ApiResponse,
  environment: Environment,
): RequestRefusedError | undefined {
  const challenge = headers['www-authenticate']?.toString() ?? '';
  if (status !== 401 && (status !== 403 || readBearerChallenge(challenge).error !== 'insufficient_scope'))
    return undefined;
  const context = { subject: describeEnvironment(environment), token };
  return describeRefusal({ status, headers: { get: () => challenge } }, context);
}

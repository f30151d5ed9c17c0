import { describeRefusal, type InstellixClient } from '@instellix/core';
import { completeRequest, describeEnvironment, discardStream } from '@instellix/core/adapter';
import type { AxiosAdapter, AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { findAxiosBuild } from './axios-build.ts';
import { type AxiosCall, AxiosDriver, type AxiosOutcome } from './axios-driver.ts';
import { createAxiosError, rememberIfUnreachable, setCause } from './axios-error.ts';
import { wantsToken } from './call-options.ts';
import { reportConfiguredTimeout } from './call-timeout.ts';
import { refusedCalls } from './explain-lost-token.ts';
import { redactError, redactResponse } from './redact.ts';

/** Creates the function that wraps the adapter of a call so that it sends the client's token. */
export function createTokenAdapter(client: InstellixClient) {
  // Each read makes a copy.
  const { apiUrl } = client.environment;
  return (given: InternalAxiosRequestConfig['adapter']): AxiosAdapter =>
    (config) => {
      // A call that is sent again, as retry libraries do, passes the interceptor again.
      config.adapter = given as AxiosAdapter;
      const build = findAxiosBuild(config.headers);
      // The adapter that Axios itself would choose.
      const adapter = build.getAdapter((given || build.defaults.adapter) as AxiosAdapter, config);
      return wantsToken(config) ? sendWithToken({ client, apiUrl, build, adapter, config }) : adapter(config);
    };
}

/** @throws AxiosError, or what the adapter rejects with */
async function sendWithToken(call: AxiosCall): Promise<AxiosResponse> {
  const { client, config } = call;
  let driver: AxiosDriver;
  let last: AxiosOutcome;
  try {
    driver = new AxiosDriver(call);
    const token = client.peekToken() ?? (await driver.getToken());
    last = await completeRequest(driver, await driver.send(token), token);
  } catch (error) {
    throw createAxiosError(error, call);
  }
  if (last.status === 401) refusedCalls.add(config);
  return deliver(driver, last);
}

/** Returns the response of a call, or throws the error of its adapter, without the token. */
function deliver(driver: AxiosDriver, outcome: AxiosOutcome): AxiosResponse {
  const { response, rejection, sent, status, hadToken } = outcome;
  const release = () => {
    // A server may send a successful response before it has read the whole body.
    if (rejection || status >= 300) discardStream(sent.madeBody);
  };
  const redacted = response && redactResponse(response, sent, release);
  if (!rejection) return redacted as AxiosResponse;
  const error = rejection.reason as AxiosError;
  redactError(error, sent, redacted);
  if (!response) {
    release();
    reportConfiguredTimeout(error, sent);
    rememberIfUnreachable(error);
    throw error;
  }
  const cause = hadToken ? (driver.refusal ?? describe(driver, outcome, response)) : undefined;
  throw cause ? setCause(error, cause) : error;
}

function describe({ tokens, options }: AxiosDriver, { status, token }: AxiosOutcome, { headers }: AxiosResponse) {
  const challenge: unknown = headers?.['www-authenticate'];
  return describeRefusal(
    { status, headers: { get: () => (typeof challenge === 'string' ? challenge : null) } },
    { subject: describeEnvironment(tokens.environment), requiredScope: options.requiredScope, token },
  );
}

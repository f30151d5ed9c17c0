import { describeRefusal, type InstellixClient } from '@instellix/core';
import { completeRequest } from '@instellix/core/adapter';
import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { type AxiosBuild, findAxiosBuild } from './axios-build.ts';
import { AdapterFailure, AxiosDriver, type AxiosDriverResponse } from './axios-driver.ts';
import { createAxiosError, setCause } from './axios-error.ts';
import { wantsToken } from './call-options.ts';
import { redactError, redactResponse } from './redact.ts';
import { destroyStream } from './streams.ts';

/** Creates the function that wraps the adapter of a call so that it sends the client's token. `handled` gets the configs of all calls. */
export function createTokenAdapter(client: InstellixClient, handled: WeakSet<object>) {
  return (adapter: InternalAxiosRequestConfig['adapter']): AxiosAdapter =>
    (config) => {
      handled.add(config);
      // A call that is sent again, as retry libraries do, passes the interceptor again.
      config.adapter = adapter as AxiosAdapter;
      const build = findAxiosBuild(config.headers);
      const send = resolveAdapter(build, config);
      return wantsToken(config) ? sendWithToken(client, build, send, config) : send(config);
    };
}

/** Returns the adapter that Axios itself would choose. */
function resolveAdapter({ getAdapter, defaults }: AxiosBuild, config: InternalAxiosRequestConfig): AxiosAdapter {
  return getAdapter((config.adapter || defaults.adapter) as AxiosAdapter, config);
}

/** @throws AxiosError, or what the adapter rejects with */
async function sendWithToken(
  client: InstellixClient,
  build: AxiosBuild,
  send: AxiosAdapter,
  config: InternalAxiosRequestConfig,
): Promise<AxiosResponse> {
  let driver: AxiosDriver;
  let last: AxiosDriverResponse;
  try {
    driver = new AxiosDriver(client, build, send, config);
    const token = client.peekToken() ?? (await driver.getToken());
    last = await completeRequest(driver, await driver.send(token), token);
  } catch (error) {
    throw error instanceof AdapterFailure ? error.cause : createAxiosError(build, error, config);
  }
  const { sent, error, hadToken, status, madeBody } = last;
  const response = redactResponse(last.response, sent, config, () => {
    // A server may send a successful response before it has read the whole body.
    if (error || status >= 300) destroyStream(madeBody);
  });
  if (!error) return response;
  redactError(error, sent, config, response);
  const cause = hadToken ? (driver.refusal ?? describe(client, response, driver.options.requiredScope)) : undefined;
  throw cause ? setCause(error, cause) : error;
}

function describe({ environment }: InstellixClient, { status, headers }: AxiosResponse, requiredScope?: string) {
  const challenge: unknown = headers?.['www-authenticate'];
  return describeRefusal(
    { status, headers: { get: () => (typeof challenge === 'string' ? challenge : null) } },
    { subject: `environment ${environment.name} (tokens of ${environment.tokenUrl.href})`, requiredScope },
  );
}

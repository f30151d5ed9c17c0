import { describeRefusal, type InstellixClient } from '@instellix/core';
import { completeRequest, describeEnvironment } from '@instellix/core/adapter';
import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { type AxiosBuild, findAxiosBuild } from './axios-build.ts';
import { AdapterFailure, AxiosDriver, type AxiosDriverContext, type AxiosDriverResponse } from './axios-driver.ts';
import { createAxiosError, setCause } from './axios-error.ts';
import { wantsToken } from './call-options.ts';
import { redactError, redactResponse } from './redact.ts';
import { destroyStream } from './streams.ts';

/** What the calls of an instance have in common. */
interface TokenAdapterContext extends AxiosDriverContext {
  /** The configs of calls that were sent here and ended with a 401: an interceptor has not removed their token. */
  readonly sentWith401: WeakSet<object>;
}

/** Creates the function that wraps the adapter of a call so that it sends the client's token. */
export function createTokenAdapter(context: TokenAdapterContext) {
  return (adapter: InternalAxiosRequestConfig['adapter']): AxiosAdapter =>
    (config) => {
      // A call that is sent again, as retry libraries do, passes the interceptor again.
      config.adapter = adapter as AxiosAdapter;
      const build = findAxiosBuild(config.headers);
      const send = resolveAdapter(build, config);
      return wantsToken(config) ? sendWithToken(context, build, send, config) : send(config);
    };
}

/** Returns the adapter that Axios itself would choose. */
function resolveAdapter({ getAdapter, defaults }: AxiosBuild, config: InternalAxiosRequestConfig): AxiosAdapter {
  return getAdapter((config.adapter || defaults.adapter) as AxiosAdapter, config);
}

/** @throws AxiosError, or what the adapter rejects with */
async function sendWithToken(
  context: TokenAdapterContext,
  build: AxiosBuild,
  send: AxiosAdapter,
  config: InternalAxiosRequestConfig,
): Promise<AxiosResponse> {
  const { client, sentWith401 } = context;
  let driver: AxiosDriver;
  let last: AxiosDriverResponse;
  try {
    driver = new AxiosDriver(context, build, send, config);
    const token = client.peekToken() ?? (await driver.getToken());
    last = await completeRequest(driver, await driver.send(token), token);
  } catch (error) {
    throw error instanceof AdapterFailure ? error.cause : createAxiosError(build, error, config);
  }
  const { sent, error, hadToken, status, madeBody } = last;
  if (status === 401) sentWith401.add(config);
  const response = redactResponse(last.response, sent, config, () => {
    // A server may send a successful response before it has read the whole body.
    if (error || status >= 300) destroyStream(madeBody);
  });
  if (!error) return response;
  redactError(error, sent, config, response);
  const cause = hadToken ? (driver.refusal ?? describe(client, last, driver.options.requiredScope)) : undefined;
  throw cause ? setCause(error, cause) : error;
}

function describe({ environment }: InstellixClient, { response, token }: AxiosDriverResponse, requiredScope?: string) {
  const challenge: unknown = response.headers?.['www-authenticate'];
  return describeRefusal(
    { status: response.status, headers: { get: () => (typeof challenge === 'string' ? challenge : null) } },
    { subject: describeEnvironment(environment), requiredScope, token },
  );
}

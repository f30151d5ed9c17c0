import type { AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { concealToken } from './conceal-token.ts';

/** Gives a response the config that its caller knows, and lets its request show no token. */
export function redactResponse(response: AxiosResponse, config: InternalAxiosRequestConfig, bearer: string): void {
  const { request, config: used } = response;
  response.config = config;
  if (isStream(response.data) || isStream(config.data) || isStream(used?.data)) {
    // A stream of the response may still fail, with an error that holds what was used to send the request; one that was sent
    // leads to that by its pipes.
    if (used?.headers) delete used.headers['Authorization'];
    if (request) concealToken(request, bearer);
  } else if (request) {
    let isConcealed = false;
    let value: unknown = request;
    const get = () => {
      if (!isConcealed) concealToken(request, bearer);
      isConcealed = true;
      return value;
    };
    const set = (next: unknown) => {
      value = next;
    };
    // Few callers read it, and concealing is slow. The property itself never changes, because the caller may freeze the response.
    Object.defineProperty(response, 'request', { get, set, enumerable: true, configurable: true });
  }
}

/** Does the same for an error, the response in it, and the errors behind it; `guard` marks configs that were sent. */
export function redactError(
  error: unknown,
  config: InternalAxiosRequestConfig,
  bearer: string,
  guard: InternalAxiosRequestConfig['beforeRedirect'],
): void {
  let part = error as Partial<AxiosError> | undefined;
  for (let depth = 0; typeof part === 'object' && part !== null && depth < 6; depth++) {
    const { beforeRedirect, headers } = part.config ?? {};
    if (beforeRedirect === guard || headers?.Authorization === bearer) part.config = config;
    if (part.request) concealToken(part.request, bearer);
    if (part.response) redactResponse(part.response, config, bearer);
    part = part.cause as Partial<AxiosError> | undefined;
  }
}

/** Whether a body comes piece by piece, from Node or from the web, so that it can be read only once. */
export function isStream(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return 'pipe' in body || 'getReader' in body || Symbol.asyncIterator in body;
}

/** Gives back the connection of a response that nobody will read. */
export function discard({ data, request }: AxiosResponse): void {
  if (!isStream(data)) return;
  if ('cancel' in data) {
    // Never awaited: a stream that other code keeps a clone of never confirms. Some streams return no promise, or throw.
    (async () => data.cancel())().catch(() => {});
  } else {
    data.destroy?.();
    // Behind what unzips or counts the body, the connection does not hear of it.
    request?.destroy?.();
  }
}

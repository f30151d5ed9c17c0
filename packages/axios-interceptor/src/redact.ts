import { PassThrough, pipeline, type Readable } from 'node:stream';
import { isStream } from '@instellix/core/adapter';
import type { AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { parseUrl } from './call-url.ts';
import type { RedirectGuard } from './redirect-guard.ts';
import type { SentRequest } from './sent-request.ts';

/** Returns a copy of a response for its caller, without the token. `onEnd` is called when its body has been read, or has failed. */
export function redactResponse(response: AxiosResponse, sent: SentRequest, onEnd: () => void): AxiosResponse {
  const { request, data } = response;
  const copy = { ...response, config: sent.callerConfig, request: request && summarizeRequest(request, sent.guard) };
  if (isStream(data)) {
    // A stream of the web may still fail with an error that holds both: our copy of the headers, and the request made from it.
    sent.config.headers.delete('Authorization');
    request?.headers?.delete?.('Authorization');
  }
  if (isNodeStream(data)) {
    // Before the listeners of all others.
    data.prependListener('error', (error) => redactError(error, sent));
    // Node's own stream leads to its request.
    const relay = new PassThrough({ objectMode: data.readableObjectMode });
    // Like a response of Node, which emits no error when nothing listens to it.
    relay.on('error', () => {});
    copy.data = pipeline(data, relay, onEnd);
  } else onEnd();
  return copy;
}

/** Returns whether a stream is one of Node's, of whatever class. */
export function isNodeStream(body: unknown): body is Readable {
  return isStream(body) && 'pipe' in body && 'prependListener' in body;
}

/** Puts the caller's config, a summary of the request and a copy of the response into an error, its causes and its `errors` that hold ours. */
export function redactError(error: unknown, sent: SentRequest, response?: AxiosResponse, seen = new Set()): void {
  if (typeof error !== 'object' || error === null || seen.has(error)) return;
  seen.add(error);
  const part = error as Partial<AxiosError> & { errors?: unknown };
  if (isSent(part.config ?? part.response?.config, sent)) {
    const request = part.request && summarizeRequest(part.request, sent.guard);
    const config = sent.callerConfig;
    // An adapter may have frozen its error.
    Reflect.set(part, 'config', config);
    if (request) Reflect.set(part, 'request', request);
    if (part.response) Reflect.set(part, 'response', response ?? { ...part.response, config, request });
  }
  for (const inner of [part.cause, part.errors].flat()) redactError(inner, sent, response, seen);
}

/** Returns whether a config is what was sent, or a copy of it. */
function isSent(config: InternalAxiosRequestConfig | undefined, { config: own, guard }: SentRequest): boolean {
  if (typeof config !== 'object') return false;
  if (config.beforeRedirect === own.beforeRedirect) return true;
  return guard.bearer !== undefined && Object.values(config.headers ?? {}).includes(guard.bearer);
}

/** Returns plain data about a request, because the live object leads to the token and to other requests on its connection. */
function summarizeRequest(
  // `path` and `res` are those of a `ClientRequest` of Node, `url` is that of a `Request` of `fetch`.
  request: { readonly path?: string; readonly res?: { readonly responseUrl?: string }; readonly url?: string },
  { method, url }: RedirectGuard,
): object {
  // With `maxRedirects: 0`, Node's own request has only a path, which is a whole URL through a proxy.
  const path = String(request.path ?? '');
  const sentUrl = request.res?.responseUrl ?? request.url ?? (path.startsWith('/') ? url.origin + path : path);
  // The request of a custom adapter may have a relative URL.
  const { href, pathname, search, hostname: host, protocol } = parseUrl(sentUrl) ?? url;
  const res = Object.freeze({ responseUrl: href });
  return Object.freeze({ method, path: pathname + search, host, protocol, res });
}

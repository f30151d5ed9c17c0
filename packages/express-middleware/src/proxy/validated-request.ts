import type { Request } from 'express';
import type { ProxySettings } from './proxy-settings.ts';
import { readBodyLength } from './request-framing.ts';
import { readTarget } from './request-target.ts';

/** A request that may be forwarded. */
export type ValidatedRequest = Readonly<ReturnType<typeof validateRequest>>;

/**
 * Decides from the head of a request whether it may be forwarded.
 *
 * @throws ProxyRejection when it may not
 */
export function validateRequest(request: Request, settings: ProxySettings) {
  const mountPath = settings.mountPath ?? request.baseUrl ?? '';
  const target = readTarget(request.originalUrl ?? request.url, mountPath);
  return {
    method: request.method,
    /** The mount, as the caller has written it. */
    mountPath,
    /** The target at the API: its base path, and what the caller has requested below the mount. */
    apiTarget: `${settings.apiPath}${target.path}${target.query}`,
    /** The path of the rule that allows the request. */
    rule: settings.allowList.judge(request.method, target),
    /** Bytes; 0: no body, undefined: a chunked one. */
    bodyLength: readBodyLength(request, settings.maxBodyBytes),
    /** The headers for the API without the token: alternating names and values. */
    headers: settings.requestHeaders.select(request.headers),
  };
}

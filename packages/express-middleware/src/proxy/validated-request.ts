import type { Request } from 'express';
import type { ProxySettings } from './proxy-settings.ts';
import { readBodyLength } from './request-framing.ts';
import { readTarget } from './request-target.ts';

/** A request that may be forwarded. */
export interface ValidatedRequest {
  readonly method: string;
  /** The mount, as the caller has written it. */
  readonly mountPath: string;
  /** The target at the API: its base path, and what the caller has requested below the mount. */
  readonly apiTarget: string;
  /** The path of the rule that allows the request. */
  readonly rule: string;
  /** Bytes; 0: no body, undefined: a chunked one. */
  readonly bodyLength: number | undefined;
  /** The headers for the API without the token: alternating names and values. */
  readonly headers: readonly string[];
}

/**
 * Decides from the head of a request whether it may be forwarded.
 *
 * @throws ProxyRejection when it may not
 */
export function validateRequest(request: Request, settings: ProxySettings): ValidatedRequest {
  const mountPath = settings.mountPath ?? request.baseUrl ?? '';
  const target = readTarget(request.originalUrl ?? request.url, mountPath);
  const rule = settings.allowList.judge(request.method, target);
  const bodyLength = readBodyLength(request, settings.maxBodyBytes);
  const headers = settings.requestHeaders.select(request.headers);
  const apiTarget = `${settings.apiPath}${target.path}${target.query}`;
  return { method: request.method, mountPath, apiTarget, rule, bodyLength, headers };
}

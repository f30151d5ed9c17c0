import type { Request } from 'express';
import type { AllowList } from './allow-list.ts';
import { ProxyRejection } from './proxy-rejection.ts';
import { type RequestFraming, readFraming } from './request-framing.ts';
import type { RequestHeaders } from './request-headers.ts';
import { type RequestTarget, readTarget } from './request-target.ts';

/** What is known of a request once it may be forwarded. */
export interface ValidatedRequest {
  /** Where the proxy is mounted, as the caller has written it. */
  readonly mountPath: string;
  readonly target: RequestTarget;
  /** The path of the rule that lets it through. */
  readonly rule: string;
  readonly framing: RequestFraming;
  /** What goes to the API but for the token; names and values in turn. */
  readonly headers: readonly string[];
}

/** What a request is held against. */
export interface ValidationRules {
  readonly allowList: AllowList;
  readonly requestHeaders: RequestHeaders;
  readonly mountPath: string | undefined;
  readonly maxBodyBytes: number;
}

/** Decides from its head alone whether a request may be forwarded. */
export function validateRequest(request: Request, rules: ValidationRules): ValidatedRequest | ProxyRejection {
  const mountPath = rules.mountPath ?? request.baseUrl ?? '';
  const target = readTarget(request.originalUrl ?? request.url, mountPath);
  if (target instanceof ProxyRejection) return target;
  const rule = rules.allowList.judge(request.method, target);
  if (rule instanceof ProxyRejection) return rule;
  const framing = readFraming(request, rules.maxBodyBytes);
  if (framing instanceof ProxyRejection) return framing;
  const headers = rules.requestHeaders.select(request.headers);
  if (headers instanceof ProxyRejection) return headers;
  return { mountPath, target, rule, framing, headers };
}

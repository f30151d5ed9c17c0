export { type ClientSelector, type InstellixMiddleware, instellix } from './instellix.ts';
export {
  type ApiUnreachableError,
  type HandledError,
  type InstellixErrorHandlerOptions,
  instellixErrorHandler,
} from './instellix-error-handler.ts';
export { type ClientsHealth, type InstellixHealthOptions, instellixHealth } from './instellix-health.ts';
export type { AllowRule } from './proxy/allow-list.ts';
export { type InstellixProxy, instellixProxy } from './proxy/instellix-proxy.ts';
export type { ProxyEvent } from './proxy/proxy-event.ts';
export type { InstellixProxyOptions, ProxyTimeouts } from './proxy/proxy-options.ts';
export type { ProxyCode, ProxyProblemCode } from './proxy/proxy-problem.ts';

/**
 * The reverse proxy. It has an entry point of its own because it loads undici, which nothing else of the package needs.
 *
 * @module
 */
export type { AllowRule } from './proxy/allow-list.ts';
export { type InstellixProxy, instellixProxy } from './proxy/instellix-proxy.ts';
export type { ProxyEvent } from './proxy/proxy-event.ts';
export type { InstellixProxyOptions, ProxyTimeouts } from './proxy/proxy-options.ts';
export type { ProxyCode, ProxyProblemCode } from './proxy/proxy-problem.ts';

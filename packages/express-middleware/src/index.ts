export { type ClientSelector, type InstellixMiddleware, instellix } from './instellix.ts';
export {
  type HandledError,
  type InstellixErrorHandlerOptions,
  instellixErrorHandler,
} from './instellix-error-handler.ts';
export { type ClientsHealth, type InstellixHealthOptions, instellixHealth } from './instellix-health.ts';

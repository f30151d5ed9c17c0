export type { ClientStatus } from './client/client-status.ts';
export { createInstellixClient } from './client/create-instellix-client.ts';
export type { InstellixCallOptions, InstellixRequestInit } from './client/fetch-arguments.ts';
export type { InstellixClient } from './client/instellix-client.ts';
export type { Clock } from './clock/clock.ts';
export type {
  InstellixClientOptions,
  NamedEnvironment,
  RefreshOptions,
  TokenRequestOptions,
} from './configuration/instellix-client-options.ts';
export type { CustomEnvironment, Environment } from './environment/environment.ts';
export { isApiUnreachable } from './error/api-unreachable.ts';
export { ConfigurationError } from './error/configuration-error.ts';
export { findInstellixError } from './error/find-instellix-error.ts';
export { InstellixError } from './error/instellix-error.ts';
export { type AnyInstellixError, isInstellixError } from './error/is-instellix-error.ts';
export { RequestRefusedError, type RequestRefusedErrorCode } from './error/request-refused-error.ts';
export {
  TokenRequestError,
  type TokenRequestErrorCode,
  type TokenRequestErrorDetails,
} from './error/token-request-error.ts';
export { describeRefusal, type RefusalContext } from './refusal/describe-refusal.ts';
export { type MemoryTokenStoreOptions, memoryTokenStore } from './store/memory-token-store.ts';
export type { TokenStore } from './store/token-store.ts';
export type { AccessToken } from './token/access-token.ts';
export type { LastError } from './token/failure-status.ts';
export { formatTokenEvent } from './token/format-token-event.ts';
export type { TokenEvent, TokenEventDetails, TokenRequestReason } from './token/token-event.ts';
export type { GetTokenOptions, TokenSource } from './token/token-source.ts';

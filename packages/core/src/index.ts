export type { ApiAnswer, ApiCall, Hop } from './client/api-call.ts';
export { isApiUrl, resolveApiUrl } from './client/api-url.ts';
export { type CheckHealthOptions, type ClientHealth, checkHealth } from './client/check-health.ts';
export type { ClientStatus } from './client/client-status.ts';
export { concludeCall } from './client/conclude-call.ts';
export { createInstellixClient } from './client/create-instellix-client.ts';
export type { InstellixRequestInit } from './client/fetch-call.ts';
export type { InstellixClient } from './client/instellix-client.ts';
export type { Clock } from './clock/clock.ts';
export type {
  InstellixClientOptions,
  NamedEnvironment,
  RefreshOptions,
  TokenRequestOptions,
} from './configuration/instellix-client-options.ts';
export type { CustomEnvironment, Environment } from './environment/environment.ts';
export { ConfigurationError } from './error/configuration-error.ts';
export { findFailure } from './error/find-failure.ts';
export { gatewayStatus, retryAfterSeconds } from './error/gateway-status.ts';
export { type AnyInstellixError, InstellixError, isInstellixError } from './error/instellix-error.ts';
export { RequestRefusedError, type RequestRefusedErrorCode } from './error/request-refused-error.ts';
export {
  TokenRequestError,
  type TokenRequestErrorCode,
  type TokenRequestErrorDetails,
} from './error/token-request-error.ts';
export { describeRefusal, type RefusalContext } from './refusal/describe-refusal.ts';
export { type MemoryTokenStoreOptions, memoryTokenStore } from './store/memory-token-store.ts';
export type { ClaimResult, ClaimRequest, StoredToken, StoreKey, TokenStore } from './store/token-store.ts';
export type { AccessToken } from './token/access-token.ts';
export type { LastError } from './token/failure-record.ts';
export { renewInBackground } from './token/renew-in-background.ts';
export type { TokenEvent, TokenEventDetails, TokenRequestReason } from './token/token-event.ts';
export type { GetTokenOptions, TokenSource } from './token/token-source.ts';

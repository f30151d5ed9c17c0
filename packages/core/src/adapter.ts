/**
 * For authors of adapters: the policies that every adapter shares, and the validators with which core reads options.
 *
 * @module
 */
export { isApiHost, isApiPath, isApiUrl, requireApiHost, resolveApiUrl } from './client/api-url.ts';
export { type CheckHealthOptions, type ClientHealth, checkHealth, healthTimeout } from './client/check-health.ts';
export { clientValidator } from './client/client-validator.ts';
export { completeRequest } from './client/complete-request.ts';
export { defaultResendBodyBytes } from './client/fetch-arguments.ts';
export { discardStream, isStream } from './client/is-stream.ts';
export type { DriverResponse, RedirectDriver, RequestDriver, RequestState } from './client/request-driver.ts';
export { nativeSignal } from './clock/native-signal.ts';
export { maxTimerMs } from './clock/system-clock.ts';
export { anyOptions } from './configuration/any-options-validator.ts';
export { arrayOf } from './configuration/array-validator.ts';
export { clientSecretValidator } from './configuration/client-secret-validator.ts';
export { object, readArguments, readOptions } from './configuration/object-validator.ts';
export { hasOption, readOption } from './configuration/read-option.ts';
export { describeUnknownVariables } from './configuration/read-variable.ts';
export { type Configuration, resolveConfiguration } from './configuration/resolve-configuration.ts';
export {
  func,
  number,
  oneOf,
  optional,
  required,
  string,
  type Validator,
  withMethods,
} from './configuration/validator.ts';
export { classifyTlsFailure, type TlsFailure } from './endpoint/connection-failure.ts';
export { rememberApiUnreachable } from './error/api-unreachable.ts';
export { findCause } from './error/find-instellix-error.ts';
export { type ApiUnreachableError, findGatewayFailure, type GatewayFailure } from './error/gateway-failure.ts';
export { describeEnvironment } from './refusal/describe-environment.ts';
export { type BearerChallenge, readBearerChallenge } from './refusal/read-bearer-challenge.ts';
export { expiryMarginMs } from './token/cached-token.ts';
export { callListener } from './token/call-listener.ts';

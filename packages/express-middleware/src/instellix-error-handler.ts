import {
  callListener,
  findCause,
  findGatewayFailure,
  func,
  type GatewayFailure,
  object,
  readOptions,
} from '@instellix/core/adapter';
import type { ErrorRequestHandler, Request } from 'express';
import { sendProblem } from './problem/problem-details.ts';
import { isDisconnect } from './request-client.ts';

/** The errors that the error handler responds to. */
export type HandledError = GatewayFailure['error'];

/** The options of {@link instellixErrorHandler}. */
export interface InstellixErrorHandlerOptions {
  /** Called with every error that is responded to, for logs: the response contains only its code. What it throws, or rejects with, is ignored. */
  readonly onError?: (error: HandledError, request: Request) => void;
  /** Returns the `detail` of the response: one sentence about what happened. @default no detail */
  readonly detail?: (error: HandledError, request: Request) => string | undefined;
}

const optionsValidator = object({
  onError: func<NonNullable<InstellixErrorHandlerOptions['onError']>>(),
  detail: func<NonNullable<InstellixErrorHandlerOptions['detail']>>(),
});

/**
 * Responds to errors of instellix, also as the `cause` of another error, with a problem document; passes on all others.
 *
 * The status is never 401 or 403, which would describe the caller's own rights. When `client.fetch` did not reach the API, the response
 * is a 502 with the code `api_unreachable`.
 *
 * @throws ConfigurationError for options that do not exist
 * @see https://www.rfc-editor.org/rfc/rfc9457#section-3
 */
export function instellixErrorHandler(options: InstellixErrorHandlerOptions = {}): ErrorRequestHandler {
  const { onError, detail } = readOptions(optionsValidator, options, (given) => given, 'instellixErrorHandler');

  return function instellixErrorHandler(thrown, request, response, next) {
    if (findCause(thrown, isDisconnect)) {
      // A client disconnect is not an error, unless requests share a call, and this one is still connected.
      if (!response.closed) next(thrown);
      return;
    }
    const failure = findGatewayFailure(thrown);
    if (!failure) return next(thrown);
    const { error, status, code, headers } = failure;
    if (onError) callListener(onError, error, request);
    if (response.headersSent) return next(thrown);
    sendProblem(response, { status, code, detail: detail?.(error, request), headers });
  };
}

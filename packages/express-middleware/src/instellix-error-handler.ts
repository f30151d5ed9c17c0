import { type AnyInstellixError, isApiUnreachable, isInstellixError } from '@instellix/core';
import { findCause, func, gatewayStatus, object, readOptions, retryAfterSeconds } from '@instellix/core/adapter';
import type { ErrorRequestHandler, Request, Response } from 'express';
import { sendProblem } from './problem/problem-details.ts';
import { isDisconnect } from './request-client.ts';

/** An error that is, or has as a cause, the error of a `client.fetch` that did not reach the API: a `TypeError` on most platforms. */
export interface ApiUnreachableError extends Error {
  readonly code?: string;
  readonly retryable?: never;
}

/** The errors that the error handler responds to. */
export type HandledError = AnyInstellixError | ApiUnreachableError;

/** The options of {@link instellixErrorHandler}. */
export interface InstellixErrorHandlerOptions {
  /** Called with every error that is responded to, for logs: the response contains only its code. Exceptions are ignored. */
  readonly onError?: (error: HandledError, request: Request) => void;
  /** Returns the `detail` of the response: one sentence about what happened. @default no detail */
  readonly detail?: (error: HandledError, request: Request) => string | undefined;
}

const optionsValidator = object({
  onError: func<NonNullable<InstellixErrorHandlerOptions['onError']>>(),
  detail: func<NonNullable<InstellixErrorHandlerOptions['detail']>>(),
});

/** Headers that describe a representation, which is not the one that is sent. */
const foreignHeaders = /^(?:content-(?!security-policy)|etag$|last-modified$|accept-ranges$|trailer$|expires$)/;

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
  // Asynchronous, so that exceptions and rejections end in one place.
  const report = async (error: HandledError, request: Request) => onError?.(error, request);

  return function instellixErrorHandler(thrown, request, response, next) {
    const error = findCause(thrown, isHandled);
    if (error === undefined) return next(thrown);
    if (isDisconnect(error)) {
      // A client disconnect is not an error, unless requests share a call, and this one is still connected.
      if (!response.closed) next(thrown);
      return;
    }
    report(error, request).catch(() => {});
    if (response.headersSent) return next(thrown);
    respond(response, error, detail?.(error, request));
  };
}

/** Applied to each cause in turn: the first error with a status of its own ends the search. */
const isHandled = (error: unknown): error is HandledError =>
  isInstellixError(error) || isDisconnect(error) || isApiUnreachable(error);

function respond(response: Response, error: HandledError, detail: string | undefined): void {
  for (const name of response.getHeaderNames()) if (foreignHeaders.test(name)) response.removeHeader(name);
  const known = isInstellixError(error) ? error : undefined;
  const seconds = known && retryAfterSeconds(known);
  sendProblem(response, {
    status: known ? gatewayStatus(known) : 502,
    code: known ? known.code : 'api_unreachable',
    detail,
    headers: seconds === undefined ? {} : { 'Retry-After': String(seconds) },
  });
}

import { type AnyInstellixError, findFailure, isInstellixError } from '@instellix/core';
import { func, gatewayStatus, object, readOptions, retryAfterSeconds } from '@instellix/core/adapter';
import type { ErrorRequestHandler, Request, Response } from 'express';
import { sendProblem } from './problem/problem-details.ts';
import { isCallerGone } from './request-client.ts';

/** What the error handler does besides answering. */
export interface InstellixErrorHandlerOptions {
  /** Is told of every error that is answered, to log it: the answer shows none of it. What it throws disturbs nothing. */
  readonly onError?: (error: AnyInstellixError, request: Request) => void;
  /** Says in a sentence of yours what happened, as `detail` of the answer. @default no detail */
  readonly detail?: (error: AnyInstellixError, request: Request) => string | undefined;
}

const optionsValidator = object({
  onError: func<NonNullable<InstellixErrorHandlerOptions['onError']>>(),
  detail: func<NonNullable<InstellixErrorHandlerOptions['detail']>>(),
});

/** They describe a representation that is not sent. */
const foreignHeaders = /^(?:content-(?!security-policy)|etag$|last-modified$|accept-ranges$|trailer$|expires$)/;

/**
 * Answers errors of instellix, also as the `cause` of another, with a problem document; all others go on to the next handler.
 *
 * The status is the one of `gatewayStatus`: never 401 or 403, which would speak of the caller's own rights.
 *
 * @throws ConfigurationError for options that do not exist
 * @see https://www.rfc-editor.org/rfc/rfc9457#section-3
 */
export function instellixErrorHandler(options: InstellixErrorHandlerOptions = {}): ErrorRequestHandler {
  const { onError, detail } = readOptions(optionsValidator, options, (given) => given, 'instellixErrorHandler');
  // Asynchronous, so that a rejection ends here as well.
  const tell = async (error: AnyInstellixError, request: Request) => onError?.(error, request);

  return function instellixErrorHandler(thrown, request, response, next) {
    const reason = findFailure(thrown, isToAnswer);
    if (reason === undefined) return next(thrown);
    if (!isInstellixError(reason)) {
      // Nobody is there to be answered, unless a handler has let requests share what one of them was waiting for.
      if (!response.closed) next(thrown);
      return;
    }
    tell(reason, request).catch(() => {});
    if (response.headersSent) return next(thrown);
    answer(response, reason, detail?.(reason, request));
  };
}

const isToAnswer = (error: unknown): error is object => isInstellixError(error) || isCallerGone(error);

function answer(response: Response, error: AnyInstellixError, detail: string | undefined): void {
  for (const name of response.getHeaderNames()) if (foreignHeaders.test(name)) response.removeHeader(name);
  const seconds = retryAfterSeconds(error);
  sendProblem(response, {
    status: gatewayStatus(error),
    code: error.code,
    detail,
    headers: seconds === undefined ? {} : { 'Retry-After': String(seconds) },
  });
}

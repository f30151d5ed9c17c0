import { type AnyInstellixError, gatewayStatus, isInstellixError, retryAfterSeconds } from '@instellix/core';
import { type ArgumentsHost, Catch, type ExceptionFilter, Inject, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/** What Nest takes for a class of exceptions: it asks `instanceof`, which for our errors depends on no class and no copy. */
class InstellixFailure {
  static [Symbol.hasInstance](exception: unknown): boolean {
    return findInstellixError(exception) !== undefined;
  }
}

/**
 * Answers requests that failed because of instellix, as problem details with the error's `code`: 502, 503 or 504, and 500 for
 * a configuration that cannot work. Never 401 or 403, which would speak of the caller's own rights.
 *
 * An error of ours counts also as the `cause` of another, as that of Axios, unless that one is an `HttpException`. All other
 * exceptions are left to other filters and to Nest. Outside HTTP (GraphQL, RPC) it throws what it got.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export class InstellixExceptionFilter implements ExceptionFilter {
  static {
    Catch(InstellixFailure)(InstellixExceptionFilter);
    Inject(HttpAdapterHost)(InstellixExceptionFilter, undefined, 0);
  }

  readonly #adapterHost: HttpAdapterHost;
  readonly #logger = new Logger('InstellixExceptionFilter');

  constructor(adapterHost: HttpAdapterHost) {
    this.#adapterHost = adapterHost;
  }

  catch(exception: unknown, host: ArgumentsHost): void {
    const error = findInstellixError(exception);
    if (!error || host.getType() !== 'http') throw exception;
    this.#logger.error(`${error.code}: ${error.message}`, error.stack);
    const { httpAdapter } = this.#adapterHost;
    const response: unknown = host.switchToHttp().getResponse();
    if (httpAdapter.isHeadersSent(response)) {
      httpAdapter.end(response);
      return;
    }
    const status = gatewayStatus(error);
    httpAdapter.setHeader(response, 'Content-Type', 'application/problem+json');
    httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    const seconds = retryAfterSeconds(error);
    if (seconds !== undefined) httpAdapter.setHeader(response, 'Retry-After', String(seconds));
    // As text: of an object, Nest 11 on Express would say that it is plain JSON.
    httpAdapter.reply(response, JSON.stringify({ title: titles[status], status, code: error.code }), status);
  }
}

const titles = {
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
} as const;

/** Deeper than wrappers go, and an end to causes that go round in circles. */
const mostCauses = 8;

/** Looks for an error of ours among an exception and its causes, as far as nobody has chosen an answer already. */
function findInstellixError(exception: unknown): AnyInstellixError | undefined {
  let error = exception;
  for (let level = 0; level < mostCauses && typeof error === 'object' && error !== null; level++) {
    if (isInstellixError(error)) return error;
    // An HttpException, of whichever copy of Nest, or an error of http-errors.
    if ('getStatus' in error || 'statusCode' in error) return undefined;
    error = 'cause' in error ? error.cause : undefined;
  }
  return undefined;
}

import { isApiUnreachable, isInstellixError } from '@instellix/core';
import { findCause, gatewayStatus, retryAfterSeconds } from '@instellix/core/adapter';
import { type ArgumentsHost, Catch, type ExceptionFilter, Inject, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { type Observable, throwError } from 'rxjs';

/** An error of core, or what `fetch` rejected with when the API was not reached. */
const isHandled = (error: unknown): error is Error => isInstellixError(error) || isApiUnreachable(error);

/** What Nest takes for a class of exceptions: it asks `instanceof`, which for our errors depends on no class and no copy. */
class InstellixFailure {
  static [Symbol.hasInstance](exception: unknown): boolean {
    return findCause(exception, isHandled) !== undefined;
  }
}

/**
 * Responds to requests that failed because of instellix, as problem details with the error's `code`: 502, 503 or 504, and 500 for
 * a configuration that cannot work. Never 401 or 403, which would describe the caller's own rights. When `client.fetch` did not reach
 * the API, the response is a 502 with the code `api_unreachable`.
 *
 * An error of ours counts also as the `cause` of another, as that of Axios, unless that one is an `HttpException`. All other
 * exceptions are left to other filters and to Nest. The caller of a microservice gets what Nest sends for an unknown error; in
 * GraphQL it throws what it got. Not for WebSocket gateways, whose clients would hear nothing.
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

  catch(exception: unknown, host: ArgumentsHost): Observable<never> | undefined {
    const error = findCause(exception, isHandled);
    if (!error) throw exception;
    // In every context: Nest logs only what no filter has taken.
    // The stack of what was thrown: it leads to the call, and our error behind it only to the token.
    this.#logger.error(`${codeOf(error)}: ${error.message}`, (exception as Error).stack);
    const context = host.getType();
    // Thrown, it would leave the caller of a microservice without any answer.
    if (context === 'rpc') return throwError(() => unknownToRpc);
    if (context !== 'http') throw exception;
    this.#answer(error, host);
    return undefined;
  }

  #answer(error: Error, host: ArgumentsHost): void {
    const { httpAdapter } = this.#adapterHost;
    const response: unknown = host.switchToHttp().getResponse();
    if (httpAdapter.isHeadersSent(response)) {
      httpAdapter.end(response);
      return;
    }
    const status = isInstellixError(error) ? gatewayStatus(error) : 502;
    httpAdapter.setHeader(response, 'Content-Type', 'application/problem+json');
    httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    const seconds = isInstellixError(error) ? retryAfterSeconds(error) : undefined;
    if (seconds !== undefined) httpAdapter.setHeader(response, 'Retry-After', String(seconds));
    // As text: of an object, Nest 11 on Express would say that it is plain JSON.
    httpAdapter.reply(response, JSON.stringify({ title: titles[status], status, code: codeOf(error) }), status);
  }
}

function codeOf(error: Error): string {
  return isInstellixError(error) ? error.code : 'api_unreachable';
}

/** In the words of Nest. */
const unknownToRpc = { status: 'error', message: 'Internal server error' } as const;

const titles = {
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
} as const;

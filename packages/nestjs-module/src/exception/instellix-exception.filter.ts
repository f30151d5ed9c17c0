import { findGatewayFailure, type GatewayFailure } from '@instellix/core/adapter';
import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';

/** Nest selects exceptions for a filter with `instanceof`. This class recognises them also as a `cause`, and from another copy of core. */
class InstellixFailure {
  static [Symbol.hasInstance](exception: unknown): boolean {
    return findGatewayFailure(exception) !== undefined;
  }
}

/**
 * Responds to requests that failed because of instellix with 502, 503 or 504, and with 500 for a configuration that cannot work, as
 * problem details with the error's `code`. Never with 401 or 403, which would describe the caller's own rights. When `client.fetch`
 * did not reach the API, the response is a 502 with the code `api_unreachable`. A response that has begun is aborted.
 *
 * An instellix error also counts as the `cause` of another error, such as an AxiosError, but not of an `HttpException`. Other filters
 * and Nest handle all other exceptions. In a microservice, the caller gets the response that Nest sends for an unknown error. In
 * GraphQL, the filter throws the exception again. Do not bind it to a WebSocket gateway: Nest sends nothing when a filter throws.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
@Catch(InstellixFailure)
export class InstellixExceptionFilter implements ExceptionFilter {
  readonly #logger = new Logger('InstellixExceptionFilter');

  catch(exception: unknown, host: ArgumentsHost): Observable<never> | undefined {
    const failure = findGatewayFailure(exception);
    if (!failure) throw exception;
    // Nest logs only exceptions that no filter handles. The stack of the exception leads to the failed call, that of its cause does not.
    this.#logger.error(`${failure.code}: ${failure.error.message}`, (exception as Error).stack);
    const context = host.getType();
    // When a filter throws, Nest sends no response to the caller of a microservice.
    if (context === 'rpc') return throwError(() => ({ status: 'error', message: 'Internal server error' }));
    if (context !== 'http') throw exception;
    respond(failure, host.switchToHttp().getResponse());
    return undefined;
  }
}

/** What the filter uses of Node's `ServerResponse`, which Express extends. */
interface NodeResponse {
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
  destroy(): unknown;
}

/** What the filter uses of Fastify's `FastifyReply`. */
interface FastifyReply {
  readonly raw: NodeResponse;
  code(status: number): this;
  headers(headers: Record<string, string>): this;
  send(body: string): unknown;
}

/** On Fastify, a failed middleware has Node's response, and a failed handler has Fastify's reply, whose hooks must run. */
function respond({ status, code, headers: own }: GatewayFailure, response: NodeResponse | FastifyReply): void {
  const headers = { ...own, 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' };
  const body = JSON.stringify({ title: titles[status], status, code });
  const node = 'raw' in response ? response.raw : response;
  if (node.headersSent) {
    // Ending the response would make a truncated body look complete.
    if (!node.writableEnded) node.destroy();
  } else if ('raw' in response) {
    response.code(status).headers(headers).send(body);
  } else {
    node.statusCode = status;
    for (const [name, value] of Object.entries(headers)) node.setHeader(name, value);
    node.end(body);
  }
}

const titles = {
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
} as const;

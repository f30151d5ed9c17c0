import { ConfigurationError, createInstellixClient, RequestRefusedError, TokenRequestError } from '@instellix/core';
import {
  type ArgumentsHost,
  Controller,
  ForbiddenException,
  Get,
  Injectable,
  Logger,
  type MiddlewareConsumer,
  Module,
  type NestMiddleware,
  type NestModule,
  Param,
  Res,
  UseFilters,
} from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { firstValueFrom, type Observable } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { InstellixExceptionFilter } from '../../src/index.ts';
import { boot, createLogRecorder, listen } from '../application.ts';
import { unreachable } from '../credentials.ts';

afterEach(() => Logger.overrideLogger(false));

const inside = 'realm "acme", for the operator only';
const byAxios = (cause: unknown) => Object.assign(new Error('Request failed'), { isAxiosError: true, cause });

/** An error of another copy of core, whose classes are different ones. */
function ofAnotherCopy(): Error {
  const { code } = new TokenRequestError('token_request_timeout', inside);
  return Object.defineProperty(Object.assign(new Error(inside), { code }), Symbol.for('@instellix/core:error'), {
    value: true,
  });
}

const unreached = await createInstellixClient(unreachable)
  .fetch('/customers', { headers: { authorization: 'Bearer mine' } })
  .catch((error: unknown) => error);

const spent = AbortSignal.timeout(1);
await vi.waitUntil(() => spent.aborted);
const timedOut = await createInstellixClient(unreachable)
  .fetch('/customers', { signal: spent })
  .catch((error: unknown) => error);

const failures: Record<string, () => unknown> = {
  configuration: () => new ConfigurationError([inside]),
  rejected: () => new TokenRequestError('credentials_rejected', inside, { status: 401 }),
  throttled: () => new TokenRequestError('token_request_throttled', inside, { retryAfterMs: 5_001 }),
  unavailable: () => new TokenRequestError('token_endpoint_unavailable', inside),
  timeout: () => new TokenRequestError('token_request_timeout', inside, { retryAfterMs: 1_000 }),
  closed: () => new RequestRefusedError('client_closed', inside),
  axios: () => byAxios(new RequestRefusedError('insufficient_scope', inside)),
  copy: ofAnotherCopy,
  wrapped: () => new Error('No customers', { cause: byAxios(new RequestRefusedError('insufficient_scope', inside)) }),
  unreached: () => unreached,
  'timed-out': () => timedOut,
  'unreached-wrapped': () => new Error('No customers', { cause: unreached }),
  circle: () => {
    const error = new Error('round');
    return Object.assign(error, { cause: error });
  },
  nothing: () => undefined,
  'http-error': () =>
    Object.assign(new Error('too large', { cause: ofAnotherCopy() }), { statusCode: 413, status: 413, expose: true }),
  bug: () => new Error('a bug'),
  'axios-bug': () => byAxios(new Error('a 404, say')),
  chosen: () => new ForbiddenException('not you', { cause: new TokenRequestError('credentials_rejected', inside) }),
};

@Controller()
class FailingController {
  @Get('failures/:kind')
  fail(@Param('kind') kind: string): never {
    throw failures[kind]?.();
  }

  @Get('late')
  failLate(@Res() response: { raw?: NodeJS.WritableStream } & NodeJS.WritableStream): never {
    (response.raw ?? response).write('begun');
    throw failures['rejected']?.();
  }

  @Get('complete')
  failAfterResponse(@Res() response: { raw?: NodeJS.WritableStream } & NodeJS.WritableStream): never {
    (response.raw ?? response).end('x'.repeat(1e6));
    throw failures['rejected']?.();
  }

  @Get('middleware/:kind')
  respond(): string {
    return 'passed';
  }
}

@Injectable()
class FailingMiddleware implements NestMiddleware<{ originalUrl: string }> {
  async use({ originalUrl }: { originalUrl: string }, response: { write(body: string): void }, next: () => void) {
    const kind = originalUrl.split('/').at(-1) ?? '';
    if (kind === 'pass') return next();
    if (kind === 'late') response.write('begun');
    throw failures[kind === 'late' ? 'rejected' : kind]?.();
  }
}

@Module({
  controllers: [FailingController],
  providers: [{ provide: APP_FILTER, useClass: InstellixExceptionFilter }],
})
class FailingModule implements NestModule {
  configure(consumer: MiddlewareConsumer) {
    consumer.apply(FailingMiddleware).forRoutes('middleware/:kind');
  }
}

const module = { imports: [FailingModule] };

const platforms = [
  ['Express', undefined],
  ['Fastify', () => new FastifyAdapter()],
] as const;

describe.each(platforms)('on %s, the caller of the service', (_, createAdapter) => {
  const start = (options = {}) => listen(module, options, createAdapter?.());

  test.each([
    ['configuration', 500, 'configuration_invalid', null, 'Internal Server Error'],
    ['rejected', 502, 'credentials_rejected', null, 'Bad Gateway'],
    ['throttled', 503, 'token_request_throttled', '6', 'Service Unavailable'],
    ['unavailable', 503, 'token_endpoint_unavailable', null, 'Service Unavailable'],
    ['timeout', 504, 'token_request_timeout', null, 'Gateway Timeout'],
    ['closed', 503, 'client_closed', null, 'Service Unavailable'],
    ['axios', 502, 'insufficient_scope', null, 'Bad Gateway'],
    ['copy', 504, 'token_request_timeout', null, 'Gateway Timeout'],
    ['wrapped', 502, 'insufficient_scope', null, 'Bad Gateway'],
    ['unreached', 502, 'api_unreachable', null, 'Bad Gateway'],
    ['unreached-wrapped', 502, 'api_unreachable', null, 'Bad Gateway'],
    ['timed-out', 502, 'api_unreachable', null, 'Bad Gateway'],
  ])('gets "%s" as %i with the code, and nothing that is for the operator', async (kind, ...expected) => {
    const { url } = await start();
    const [status, code, retryAfter, title] = expected;
    for (const route of ['failures', 'middleware']) {
      const response = await fetch(`${url}/${route}/${kind}`);
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(response.headers.get('retry-after')).toBe(retryAfter);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(await response.json()).toEqual({ title, status, code });
    }
  });

  test.each([
    ['bug', 500, { statusCode: 500, message: 'Internal server error' }],
    ['axios-bug', 500, { statusCode: 500, message: 'Internal server error' }],
    ['circle', 500, { statusCode: 500, message: 'Internal server error' }],
    ['nothing', 500, { statusCode: 500, message: 'Internal server error' }],
    ['http-error', 413, { statusCode: 413, message: 'too large' }],
    ['chosen', 403, { message: 'not you' }],
  ])('gets "%s" as without the filter', async (kind, status, body) => {
    const { url } = await start();
    const response = await fetch(`${url}/failures/${kind}`);
    expect([response.status, await response.json()]).toMatchObject([status, body]);
  });

  test('gets the headers that other plugins set, also with an error', async () => {
    const { application, url } = await start({ cors: true });
    for (const route of ['failures', 'middleware']) {
      const response = await fetch(`${url}/${route}/rejected`, { headers: { origin: 'https://app.example' } });
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
    }
    await application.close();
  });

  test('gets no body in the response to HEAD, and the next response on the same connection', async () => {
    const { url } = await start();
    for (const method of ['HEAD', 'GET']) {
      const response = await fetch(`${url}/middleware/rejected`, { method });
      expect([response.status, (await response.text()) === '']).toEqual([502, method === 'HEAD']);
    }
  });

  test('reaches the handler when the middleware passes', async () => {
    const { url } = await start();
    expect(await (await fetch(`${url}/middleware/pass`)).text()).toBe('passed');
  });

  test('gets a complete response when the handler throws after it', async () => {
    const { url } = await start({ logger: false });
    expect(await fetch(`${url}/complete`).then((response) => response.text())).toHaveLength(1e6);
  });

  test.each(['late', 'middleware/late'])('gets an aborted response when one has begun: /%s', async (path) => {
    const logger = createLogRecorder();
    const { url } = await start({ logger });
    const body = fetch(`${url}/${path}`).then((response) => response.text());
    await expect(body, 'a truncated response must not look complete').rejects.toThrow();
    const errors = logger.lines.filter(({ level }) => level === 'error');
    expect(errors.map(({ context }) => context)).toEqual(['InstellixExceptionFilter']);
  });
});

test('the log has code and message', async () => {
  const logger = createLogRecorder();
  const { url } = await listen(module, { logger });
  await fetch(`${url}/failures/rejected`);
  const errors = logger.lines.filter(({ level }) => level === 'error');
  expect(errors).toMatchObject([
    { level: 'error', message: `credentials_rejected: ${inside}`, context: 'InstellixExceptionFilter' },
  ]);
});

test('the log has the stack of the failed call, not only of its cause', async () => {
  const logger = createLogRecorder();
  const { url } = await listen(module, { logger });
  await fetch(`${url}/failures/wrapped`);
  const [error] = logger.lines.filter(({ level }) => level === 'error');
  expect(error?.message).toBe(`insufficient_scope: ${inside}`);
  expect(error?.stack).toMatch(/^Error: No customers\n/);
});

test('the filter can be bound to one controller, and created without dependency injection', async () => {
  @Controller()
  @UseFilters(InstellixExceptionFilter)
  class BoundController extends FailingController {}
  const bound = await listen({ controllers: [BoundController] });
  expect((await fetch(`${bound.url}/failures/rejected`)).status).toBe(502);

  @Module({ controllers: [FailingController] })
  class PlainModule {}
  const application = await NestFactory.create(PlainModule, { logger: false });
  application.useGlobalFilters(new InstellixExceptionFilter());
  await application.listen(0, '127.0.0.1');
  const response = await fetch(`${await application.getUrl()}/failures/rejected`);
  await application.close();
  expect(response.status).toBe(502);
});

async function catchIn(type: string) {
  const logger = createLogRecorder();
  await boot({}, { logger });
  const filter = new InstellixExceptionFilter();
  const exception = failures['rejected']?.();
  const outcome = () => filter.catch(exception, { getType: () => type } as ArgumentsHost);
  return { logger, exception, outcome };
}

test.each(['graphql', 'ws'])('in a %s context, the filter logs the exception and throws it again', async (type) => {
  const { logger, exception, outcome } = await catchIn(type);
  expect(outcome).toThrow(exception as Error);
  expect(logger.lines.map(({ message }) => message)).toContain(`credentials_rejected: ${inside}`);
});

test('the caller of a microservice gets the response for an unknown error', async () => {
  const { logger, outcome } = await catchIn('rpc');
  await expect(firstValueFrom(outcome() as Observable<never>)).rejects.toEqual({
    status: 'error',
    message: 'Internal server error',
  });
  expect(logger.lines.map(({ message }) => message)).toContain(`credentials_rejected: ${inside}`);
});

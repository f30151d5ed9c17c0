import { ConfigurationError, createInstellixClient, RequestRefusedError, TokenRequestError } from '@instellix/core';
import {
  type ArgumentsHost,
  Controller,
  ForbiddenException,
  Get,
  Logger,
  Module,
  Param,
  Res,
  UseFilters,
} from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { firstValueFrom, type Observable } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { InstellixExceptionFilter } from '../../src/index.ts';
import { boot, createListener, listen } from '../application.ts';
import { unreachable } from '../credentials.ts';

afterEach(() => Logger.overrideLogger(false));

const inside = 'realm "acme", for the operator only';
const byAxios = (cause: unknown) => Object.assign(new Error('Request failed'), { isAxiosError: true, cause });

/** As an error of another copy of core: of no class that this one knows. */
function ofAnotherCopy(): Error {
  const { code } = new TokenRequestError('token_request_timeout', inside);
  return Object.defineProperty(Object.assign(new Error(inside), { code }), Symbol.for('@instellix/core:error'), {
    value: true,
  });
}

const unreached = await createInstellixClient(unreachable)
  .fetch('/customers', { headers: { authorization: 'Bearer mine' } })
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
  deliberate: () => new ForbiddenException('not you', { cause: new TokenRequestError('credentials_rejected', inside) }),
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
}

const module = {
  controllers: [FailingController],
  providers: [{ provide: APP_FILTER, useClass: InstellixExceptionFilter }],
};

const platforms = [
  ['Express', undefined],
  ['Fastify', () => new FastifyAdapter()],
] as const;

describe.each(platforms)('on %s, whoever calls the service', (_, createAdapter) => {
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
  ])('learns of "%s" as %i with the code, and nothing that is for the operator', async (kind, ...expected) => {
    const { url } = await start();
    const response = await fetch(`${url}/failures/${kind}`);
    const [status, code, retryAfter, title] = expected;
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(response.headers.get('retry-after')).toBe(retryAfter);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({ title, status, code });
  });

  test.each([
    ['bug', 500, { statusCode: 500, message: 'Internal server error' }],
    ['axios-bug', 500, { statusCode: 500, message: 'Internal server error' }],
    ['circle', 500, { statusCode: 500, message: 'Internal server error' }],
    ['nothing', 500, { statusCode: 500, message: 'Internal server error' }],
    ['http-error', 413, { statusCode: 413, message: 'too large' }],
    ['deliberate', 403, { statusCode: 403, message: 'not you', error: 'Forbidden' }],
  ])('learns of "%s" as if the filter were not there', async (kind, status, body) => {
    const { url } = await start();
    const response = await fetch(`${url}/failures/${kind}`);
    expect([response.status, await response.json()]).toEqual([status, body]);
  });

  test('gets no second answer into one that has begun', async () => {
    const logger = createListener();
    const { url } = await start({ logger });
    const outcome = await fetch(`${url}/late`).then((response) => response.text());
    expect(outcome).toBe('begun');
    const errors = logger.lines.filter(({ level }) => level === 'error');
    expect(errors.map(({ context }) => context)).toEqual(['InstellixExceptionFilter']);
  });
});

test('the operator finds code, message and stack in the log', async () => {
  const logger = createListener();
  const { url } = await listen(module, { logger });
  await fetch(`${url}/failures/rejected`);
  const errors = logger.lines.filter(({ level }) => level === 'error');
  expect(errors).toMatchObject([
    { level: 'error', text: `credentials_rejected: ${inside}`, context: 'InstellixExceptionFilter' },
  ]);
});

test('the operator finds the call that failed, not only why it had no token', async () => {
  const logger = createListener();
  const { url } = await listen(module, { logger });
  await fetch(`${url}/failures/wrapped`);
  const [error] = logger.lines.filter(({ level }) => level === 'error');
  expect(error?.text).toBe(`insufficient_scope: ${inside}`);
  expect(error?.stack).toMatch(/^Error: No customers\n/);
});

test('the filter can be bound to one controller, and made by hand', async () => {
  @Controller()
  @UseFilters(InstellixExceptionFilter)
  class BoundController extends FailingController {}
  const bound = await listen({ controllers: [BoundController] });
  expect((await fetch(`${bound.url}/failures/rejected`)).status).toBe(502);

  @Module({ controllers: [FailingController] })
  class HandMadeModule {}
  const application = await NestFactory.create(HandMadeModule, { logger: false });
  application.useGlobalFilters(new InstellixExceptionFilter(application.get(HttpAdapterHost)));
  await application.listen(0, '127.0.0.1');
  const response = await fetch(`${await application.getUrl()}/failures/rejected`);
  await application.close();
  expect(response.status).toBe(502);
});

async function catchIn(type: string) {
  const logger = createListener();
  const application = await boot({}, { logger });
  const filter = new InstellixExceptionFilter(application.get(HttpAdapterHost));
  const exception = failures['rejected']?.();
  const outcome = () => filter.catch(exception, { getType: () => type } as ArgumentsHost);
  return { logger, exception, outcome };
}

test.each(['graphql', 'ws'])('in a %s context the exception goes on as it is, and the log has it', async (type) => {
  const { logger, exception, outcome } = await catchIn(type);
  expect(outcome).toThrow(exception as Error);
  expect(logger.lines.map(({ text }) => text)).toContain(`credentials_rejected: ${inside}`);
});

test('the caller of a microservice is answered, which a thrown exception would not do, and learns nothing', async () => {
  const { logger, outcome } = await catchIn('rpc');
  const answer = outcome() as Observable<never>;
  await expect(firstValueFrom(answer)).rejects.toEqual({ status: 'error', message: 'Internal server error' });
  expect(logger.lines.map(({ text }) => text)).toContain(`credentials_rejected: ${inside}`);
});

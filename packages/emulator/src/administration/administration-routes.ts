import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { type Operation, type OperationContext, runOperation } from '../controls/operation.ts';
import { operations } from '../controls/operations.ts';
import type { AccessRules } from '../http/access-rules.ts';
import type { AppEnv } from '../http/app-env.ts';
import { parseMediaType } from '../http/media-type.ts';
import { readBody } from '../http/read-body.ts';
import { JSON_HEADERS } from '../protocol/outcome.ts';
import { RequestsMissing } from '../state/request-log.ts';
import { isObject } from '../state/schemas.ts';
import { InvalidInput } from '../state/validate.ts';
import { guardAdministration } from './guard-administration.ts';
import { Problem } from './problem.ts';

const MAX_BYTES = 1_048_576;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** What the administration works with. */
export interface AdministrationContext extends Pick<OperationContext, 'state' | 'reset'> {
  readonly access: AccessRules;
  /** Aborted when the emulator closes. */
  readonly closing: AbortSignal;
}

/** Everything below `/_emulator`: the operations as JSON over HTTP. */
export function administrationRoutes(context: AdministrationContext): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(async (c, next) => {
    guardAdministration(c.req.raw, hostOf(c), context.access);
    await next();
  });
  app.all('/_emulator/ready', (c) => {
    requireMethod(c, 'GET', 'HEAD');
    // The port opens only after seeding, so that nothing is left to wait for.
    return respond({ ready: true });
  });
  app.all('/_emulator/openapi.json', async (c) => {
    requireMethod(c, 'GET', 'HEAD');
    // Loaded on demand: writing schemas as JSON takes a library that nothing else needs.
    const { createOpenapiDocument } = await import('./openapi-document.ts');
    return respond(createOpenapiDocument());
  });
  for (const operation of operations.values()) app.all(pathOf(operation), (c) => run(context, operation, c));
  app.all('/_emulator/*', () => {
    throw new Problem(404, 'not_found', 'the administration has no such path; GET /_emulator/openapi.json lists them');
  });
  app.onError((error) => toProblem(error, context.closing).toResponse());
  return app;
}

/** Where an operation is over HTTP. */
export function pathOf({ name }: Operation): string {
  return `/_emulator/${name.replace('.', '/')}`;
}

async function run(
  { state, reset }: AdministrationContext,
  operation: Operation,
  c: Context<AppEnv>,
): Promise<Response> {
  requireMethod(c, 'POST');
  const host = hostOf(c);
  const given = await readJson(c.req.raw, host !== undefined);
  const url = `http://${host ?? new URL(c.req.url).host}`;
  const result = await runOperation({ state, reset, url }, operation, given);
  if (operation.isAudited === true) {
    const { audit, clock, credentials } = state;
    const clientId = 'clientId' in given && typeof given.clientId === 'string' ? given.clientId : '';
    // Only an id that exists is shown: anything else may be a secret in the wrong place.
    const subject = credentials.find(clientId)?.clientId ?? '';
    const act = operation.name.replace('.', '/');
    audit.add({ at: clock.now(), actor: 'administration', act, subject, outcome: 'done', detail: '' });
  }
  return respond(result);
}

/** Reads the JSON object of a request. Only `application/json` is accepted, which no form of a web page can send. */
async function readJson(request: Request, isFramed: boolean): Promise<object> {
  if (parseMediaType(request.headers.get('content-type'))?.essence !== 'application/json') {
    throw new Problem(415, 'unsupported_media_type', 'the body must be a JSON object, of the type application/json');
  }
  const body = await readBody(request, MAX_BYTES, isFramed);
  if (body === 'too_large') throw new Problem(413, 'too_large', `the body must not exceed ${MAX_BYTES} bytes`);
  if (body === 'broken_off') throw new Problem(400, 'invalid_request', 'the body ended too early');
  let given: unknown;
  try {
    given = JSON.parse(utf8.decode(body));
  } catch {
    // The cause quotes the body, secrets included.
    throw new Problem(400, 'invalid_request', 'the body is not JSON');
  }
  if (!isObject(given)) throw new Problem(400, 'invalid_request', 'the body must be a JSON object');
  return given;
}

function requireMethod(c: Context<AppEnv>, ...allowed: string[]): void {
  if (allowed.includes(c.req.method)) return;
  throw new Problem(405, 'method_not_allowed', 'this path does not have this method', { allow: allowed.join(', ') });
}

function respond(json: object): Response {
  return new Response(JSON.stringify(json), { headers: JSON_HEADERS });
}

/** The Host header; `undefined` in memory. */
function hostOf(c: Context<AppEnv>): string | undefined {
  return 'incoming' in c.env ? ((c.env as HttpBindings).incoming.headers.host ?? '') : undefined;
}

function toProblem(error: Error, closing: AbortSignal): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof InvalidInput) return new Problem(400, 'invalid_request', error.message);
  if (error instanceof RequestsMissing) return new Problem(408, 'requests_missing', error.message);
  if (closing.aborted) return new Problem(503, 'closed', 'the emulator is closed');
  return new Problem(500, 'server_error', 'the emulator failed; please report what you asked of it');
}

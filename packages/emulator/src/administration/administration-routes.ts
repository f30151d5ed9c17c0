import { hash, timingSafeEqual } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { type Operation, pathOf, runOperation } from '../controls/operation.ts';
import { operations } from '../controls/operations.ts';
import { type AccessRules, checkHost, checkOrigin, HttpProblem } from '../http/access.ts';
import { parseJsonBody, readBody } from '../http/body.ts';
import { JSON_HEADERS } from '../http/exchange.ts';
import { type AppEnv, hostOf } from '../http/http-server.ts';
import type { ServeContext } from '../protocol/serve-request.ts';
import { RequestsMissing } from '../state/request-log.ts';
import { isObject } from '../state/schemas.ts';
import { InvalidInput } from '../state/validate.ts';

const operationsByPath = new Map(operations.map((operation) => [pathOf(operation), operation]));
const MAX_BYTES = 1_048_576;
const PROBLEM_CODES = { 400: 'invalid_request', 413: 'too_large', 415: 'unsupported_media_type' } as const;

/** Everything below `/_emulator`: the operations as JSON over HTTP. */
export function administrationRoutes(context: ServeContext): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(async (c, next) => {
    guardAdministration(c.req.raw, hostOf(c), context.access);
    await next();
  });
  app.all('/_emulator/ready', (c) => {
    requireMethod(c, 'GET', 'HEAD');
    // The port opens after the seed is stored.
    return respond({ ready: true });
  });
  app.all('/_emulator/openapi.json', async (c) => {
    requireMethod(c, 'GET', 'HEAD');
    // Loaded on demand: only this document needs the library that converts schemas.
    const { createOpenapiDocument } = await import('./openapi-document.ts');
    return respond(createOpenapiDocument());
  });
  app.all('/_emulator/*', (c) => {
    const operation = operationsByPath.get(c.req.path);
    if (operation !== undefined) return run(context, operation, c);
    throw new HttpProblem(404, 'not_found', 'this path does not exist; GET /_emulator/openapi.json lists all paths');
  });
  app.onError((error) => {
    const { status, code, message, headers } = toProblem(error, context.closing);
    return respond({ error: code, error_description: message }, status, headers);
  });
  return app;
}

async function run({ state }: ServeContext, operation: Operation, c: Context<AppEnv>): Promise<Response> {
  requireMethod(c, 'POST');
  const parsed = parseJsonBody(c.req.raw.headers, await readBody(c.req.raw, MAX_BYTES));
  if ('problem' in parsed) throw new HttpProblem(parsed.status, PROBLEM_CODES[parsed.status], parsed.problem);
  const given = parsed.json;
  if (!isObject(given)) throw new HttpProblem(400, 'invalid_request', 'the body must be a JSON object');
  const url = `http://${hostOf(c) ?? new URL(c.req.url).host}`;
  const result = await runOperation({ state, url }, operation, given);
  if (operation.isAudited === true) {
    const clientId = 'clientId' in given && typeof given.clientId === 'string' ? given.clientId : '';
    // Only an existing id is recorded: a caller may have sent a secret by mistake.
    const subject = state.credentials.find(clientId)?.clientId ?? '';
    state.record({ actor: 'administration', act: pathOf(operation), subject });
  }
  return respond(result);
}

function requireMethod(c: Context<AppEnv>, ...allowed: string[]): void {
  if (allowed.includes(c.req.method)) return;
  const allow = allowed.join(', ');
  throw new HttpProblem(405, 'method_not_allowed', `this path supports only ${allow}`, { allow });
}

function respond(json: object, status = 200, headers = {}): Response {
  return Response.json(json, { status, headers: { ...JSON_HEADERS, ...headers } });
}

function toProblem(error: Error, closing: AbortSignal): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof InvalidInput) return new HttpProblem(400, 'invalid_request', error.message);
  if (error instanceof RequestsMissing) return new HttpProblem(408, 'requests_missing', error.message);
  if (closing.aborted) return new HttpProblem(503, 'closed', 'the emulator is closed');
  return new HttpProblem(500, 'server_error', 'the emulator failed; please report this bug, with the request');
}

/**
 * Rejects requests from web pages of other origins, and requests without the `adminToken` when there is one.
 *
 * @param host the Host header; `undefined` without a socket, where no web page can send requests.
 * @throws HttpProblem
 */
function guardAdministration(request: Request, host: string | undefined, rules: AccessRules): void {
  if (host !== undefined) {
    checkHost(host, rules);
    checkOrigin(request.headers, host);
  }
  if (rules.adminToken === undefined) return;
  const token = request.headers.get('authorization')?.match(/^bearer +([^\s]+)$/i)?.[1];
  const digest = (value: string): Buffer => hash('sha256', value, 'buffer');
  if (token !== undefined && timingSafeEqual(digest(token), digest(rules.adminToken))) return;
  const problem = 'the adminToken of this emulator is missing or wrong; send it as a bearer token';
  const challenge = { 'www-authenticate': 'Bearer realm="emulator administration"' };
  throw new HttpProblem(401, 'invalid_token', problem, challenge);
}

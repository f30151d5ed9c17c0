import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { Controls } from '../controls/create-controls.ts';
import { describeEmulator } from '../controls/describe-emulator.ts';
import type { AccessRules } from '../http/access-rules.ts';
import type { AppEnv } from '../http/app-env.ts';
import { JSON_HEADERS } from '../protocol/outcome.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import { InvalidInput } from '../state/input/invalid.ts';
import { RequestsMissing } from '../state/request-log.ts';
import { guardAdministration } from './guard-administration.ts';
import { openapiDocument } from './openapi-document.ts';
import { Problem } from './problem.ts';
import { readGiven } from './read-given.ts';
import type { Given } from './verb.ts';
import { verbs } from './verbs.ts';

/** What the administration steers, and by which rules. */
export interface AdministrationContext {
  readonly state: EmulatorState;
  readonly controls: Controls;
  readonly access: AccessRules;
  /** Aborted when the emulator closes. */
  readonly closing: AbortSignal;
}

/** Everything below `/_emulator`: the controls as JSON over HTTP. */
export function administrationRoutes(context: AdministrationContext): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(async (c, next) => {
    guardAdministration(c.req.raw, hostOf(c), context.access);
    await next();
  });
  app.all('/_emulator/ready', (c) => {
    requireMethod(c, 'GET', 'HEAD');
    // The port opens only after seeding, so whoever gets this far has nothing left to wait for.
    return answer({ ready: true });
  });
  app.all('/_emulator/openapi.json', (c) => {
    requireMethod(c, 'GET', 'HEAD');
    return answer(openapiDocument);
  });
  app.all('/_emulator/*', (c) => runVerb(context, c));
  app.onError((error) => toProblem(error, context.closing).toResponse());
  return app;
}

async function runVerb({ state, controls }: AdministrationContext, c: Context<AppEnv>): Promise<Response> {
  const verb = verbs.get(c.req.path.slice('/_emulator/'.length));
  if (verb === undefined) {
    throw new Problem(404, 'not_found', 'the administration has no such path; GET /_emulator/openapi.json lists them');
  }
  requireMethod(c, 'POST');
  const host = hostOf(c);
  const given = await readGiven(c.req.raw, host !== undefined);
  const describe = () => describeEmulator(state, `http://${host ?? new URL(c.req.url).host}`);
  const result = await verb.run({ state, controls, describe }, given);
  if (verb.isAudited === true) auditVerb(state, verb.path, given);
  return answer(result);
}

/** What is done over HTTP shows in the portal's audit log, beside what is done in the portal. */
function auditVerb({ audit, clock, credentials }: EmulatorState, path: string, { clientId }: Given): void {
  // Only an id that exists is shown: anything else may be a secret in the wrong place.
  const subject = typeof clientId === 'string' && credentials.find(clientId) !== undefined ? clientId : '';
  audit.add({ at: clock.now(), actor: 'administration', act: path, subject, outcome: 'done', detail: '' });
}

function requireMethod(c: Context<AppEnv>, ...allowed: string[]): void {
  if (allowed.includes(c.req.method)) return;
  throw new Problem(405, 'method_not_allowed', 'this path does not have this method', { allow: allowed.join(', ') });
}

function answer(json: object): Response {
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

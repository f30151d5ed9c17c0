import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import { checkHost, checkOrigin, HttpProblem } from '../http/access.ts';
import { type AppEnv, hostOf } from '../http/http-server.ts';
import { InvalidInput } from '../state/validate.ts';
import { accountPages } from './account-pages.ts';
import { auditPage } from './audit-page.ts';
import { consolePages } from './console-pages.ts';
import { credentialPages } from './credential-pages.ts';
import { checkForm, findSignedIn, readForm, readSessionId, setSessionId } from './guard.ts';
import { PORTAL_HEADERS, toResponse } from './page/layout.ts';
import { ICON, STYLE_SHEET } from './page/style-sheet.ts';
import { type PortalContext, type PortalPage, type PortalRequest, toSentence } from './portal-page.ts';
import { SIGN_IN_NOTICES, signIn, signInPage } from './sign-in.ts';
import { tokenPages } from './token-pages.ts';
import { userPages } from './user-pages.ts';

/** All pages and actions for signed-in users. */
export const portalPages: readonly PortalPage[] = [
  ...credentialPages,
  ...userPages,
  ...tokenPages,
  auditPage,
  ...accountPages,
  ...consolePages,
];

/** The methods of each path that needs a session, and of the sign-in page. */
const methodsByPath = new Map<string, string[]>([['/portal/sign-in', ['GET', 'POST']]]);
for (const { path, method } of portalPages) methodsByPath.set(path, [...(methodsByPath.get(path) ?? []), method]);

interface PortalEnv extends AppEnv {
  Variables: { host: string; fields: URLSearchParams; request: PortalRequest | undefined };
}
type PortalExchange = Context<PortalEnv>;

/** Creates the routes below `/portal`. */
export function portalRoutes(context: PortalContext): Hono<PortalEnv> {
  const app = new Hono<PortalEnv>({ strict: false });
  app.use(async (c, next) => {
    const host = hostOf(c) ?? new URL(c.req.url).host;
    c.set('host', host);
    if (hostOf(c) !== undefined) {
      checkHost(host, context.access);
      if (c.req.method === 'POST') checkOrigin(c.req.raw.headers, host);
    }
    try {
      c.set('fields', c.req.method === 'POST' ? await readForm(c.req.raw) : new URL(c.req.url).searchParams);
    } finally {
      // After the whole form has arrived, or was refused: from here to the end of an action, everything is synchronous.
      c.set('request', findSignedIn(context, readSessionId(c.req.raw.headers.get('cookie'), host)));
    }
    await next();
  });
  app.get('/portal/style.css', () => toAsset('text/css; charset=utf-8', STYLE_SHEET));
  app.get('/portal/icon.svg', () => toAsset('image/svg+xml', ICON));
  app.get('/portal/sign-in', (c) => {
    const notice = SIGN_IN_NOTICES.get(c.req.query('why') ?? '');
    return c.var.request === undefined ? toResponse(signInPage(), undefined, notice) : toResponse({ to: '/portal' });
  });
  app.post('/portal/sign-in', (c) => startSession(context, c));
  app.all('/portal/sign-in', refuseMissing);
  app.use(async (c, next) => {
    if (c.var.request !== undefined) return next();
    if (c.req.method === 'POST') recordRefusal(context, c, 'not signed in');
    return toResponse({ to: '/portal/sign-in' });
  });
  app.all('/portal', (c) => {
    return toResponse({ to: requestOf(c).rights.has('credentials:see') ? '/portal/credentials' : '/portal/account' });
  });
  app.post('/portal/sign-out', (c) => endSession(context, c));
  for (const page of portalPages) app.on(page.method, page.path, (c) => openPage(page, c));
  app.notFound(refuseMissing);
  app.onError((error, c) => refuse(context, c, error));
  return app;
}

async function openPage({ right, respond }: PortalPage, c: PortalExchange): Promise<Response> {
  const request = requestOf(c);
  const { session } = request;
  request.fields = c.var.fields;
  if (right !== undefined && !request.rights.has(right)) {
    const problem = `this needs the right ${right}, which your roles do not have; ask an admin for it`;
    throw new HttpProblem(403, `needs ${right}`, problem);
  }
  if (c.req.method === 'POST') checkForm(session, request.fields);
  const response = await respond(request);
  const { notice } = session;
  session.notice = 'to' in response ? response.notice : undefined;
  return toResponse(response, request, notice);
}

function startSession({ state }: PortalContext, c: PortalExchange): Promise<Response> {
  const { fields } = c.var;
  const result = signIn(state, fields.get('username') ?? '', fields.get('password') ?? '');
  if (typeof result !== 'string') return toResponse(result);
  // A new session id for every sign-in, against session fixation.
  if (c.var.request !== undefined) state.sessions.end(c.var.request.session);
  return toResponse({ to: '/portal', headers: setSessionId(c.var.host, result) });
}

function endSession({ state }: PortalContext, c: PortalExchange): Promise<Response> {
  const { session, identity } = requestOf(c);
  checkForm(session, c.var.fields);
  state.sessions.end(session);
  state.record({ actor: identity.username, act: 'sign out', subject: identity.username });
  return toResponse({ to: '/portal/sign-in?why=ended', headers: setSessionId(c.var.host) });
}

function refuse(context: PortalContext, c: PortalExchange, error: Error): Promise<Response> {
  const { status, message, code, headers } = toProblem(error, context.closing);
  if (code !== '') recordRefusal(context, c, code);
  const content = html`<section><p>${toSentence(message)}</p><p><a href="/portal">Back to the portal</a></p></section>`;
  const title = status === 404 ? 'Not found' : 'Request rejected';
  return toResponse({ title, status, content, headers }, c.var.request);
}

function toProblem(error: Error, closing: AbortSignal): HttpProblem {
  // The database is closed, so that the audit log cannot be written.
  if (closing.aborted) return new HttpProblem(503, '', 'the emulator is closed');
  if (error instanceof HttpProblem) return error;
  if (error instanceof InvalidInput) return new HttpProblem(404, '', 'this entry does not exist');
  return new HttpProblem(500, '', 'the emulator failed; please report this bug, with what you did');
}

/** Records a refusal in the audit log. Only an existing path is recorded, because others may contain a secret. */
function recordRefusal({ state }: PortalContext, c: PortalExchange, detail: string): void {
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
  const path = pathOf(c);
  const act = methodsByPath.get(path)?.includes(method) ? `${method} ${path}` : 'request';
  state.record({ actor: c.var.request?.identity.username ?? 'anonymous', act, outcome: 'refused', detail });
}

function refuseMissing(c: PortalExchange): never {
  const allow = methodsByPath.get(pathOf(c))?.join(', ');
  if (allow === undefined) throw new HttpProblem(404, '', 'this page does not exist');
  throw new HttpProblem(405, '', `this page supports only ${allow}`, { allow });
}

function pathOf(c: PortalExchange): string {
  return c.req.path.replace(/\/$/, '');
}

/** The request of the signed-in user. The routes of the pages are behind the check that there is one. */
function requestOf(c: PortalExchange): PortalRequest {
  return c.var.request as PortalRequest;
}

function toAsset(type: string, content: string): Response {
  return new Response(content, { headers: { ...PORTAL_HEADERS, 'content-type': type } });
}

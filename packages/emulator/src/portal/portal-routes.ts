import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import type { AppEnv } from '../http/http-server.ts';
import { InvalidInput } from '../state/validate.ts';
import { checkForm, checkSource, findSignedIn, SessionCookie, type SignedIn } from './guard.ts';
import { ICON, STYLE_SHEET } from './page/style-sheet.ts';
import {
  type PortalContext,
  type PortalPage,
  PortalRefusal,
  PortalRequest,
  type PortalResponse,
} from './portal-page.ts';
import { portalPages } from './portal-pages.ts';
import { portalRightsOf } from './portal-right.ts';
import { readForm } from './read-form.ts';
import { signIn, signInPage } from './sign-in.ts';
import { toAssetResponse, toRefusalResponse, toResponse } from './to-response.ts';

const pages = new Map(portalPages.map((page) => [`${page.method} ${page.path}`, page]));
const assets: ReadonlyMap<string, readonly [type: string, content: string]> = new Map([
  ['/portal/style.css', ['text/css; charset=utf-8', STYLE_SHEET]],
  ['/portal/icon.svg', ['image/svg+xml', ICON]],
]);

/** A request to the portal. */
interface Exchange {
  readonly context: PortalContext;
  readonly request: Request;
  readonly method: string;
  readonly path: string;
  readonly url: URL;
  readonly isFramed: boolean;
  readonly cookie: SessionCookie;
  signedIn: SignedIn | undefined;
}

/** Creates the routes below `/portal`. */
export function portalRoutes(context: PortalContext): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.all('*', (c) => handle(context, c));
  return app;
}

async function handle(context: PortalContext, c: Context<AppEnv>): Promise<Response> {
  const url = new URL(c.req.url);
  const isFramed = 'incoming' in c.env;
  const host = isFramed ? ((c.env as HttpBindings).incoming.headers.host ?? '') : url.host;
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
  const path = url.pathname.replace(/\/$/, '');
  const cookie = new SessionCookie(host);
  const exchange: Exchange = { context, request: c.req.raw, method, path, url, isFramed, cookie, signedIn: undefined };
  try {
    if (isFramed) checkSource(c.req.raw, host, context);
    exchange.signedIn = findSignedIn(c.req.raw, cookie, context);
    return await pass(exchange);
  } catch (error) {
    return refuse(exchange, error);
  }
}

async function pass(exchange: Exchange): Promise<Response> {
  const { method, path, signedIn } = exchange;
  const asset = assets.get(path);
  if (asset !== undefined) return toAssetResponse(...asset);
  if (path === '/portal/sign-in') return passSignIn(exchange);
  const page = pages.get(`${method} ${path}`);
  if (signedIn === undefined) {
    if (method === 'POST') record(exchange, 'not signed in');
    return toResponse({ to: '/portal/sign-in' });
  }
  if (path === '/portal') {
    const maySee = portalRightsOf(signedIn.identity.roles).has('credentials:see');
    return toResponse({ to: maySee ? '/portal/credentials' : '/portal/account' });
  }
  if (path === '/portal/sign-out' && method === 'POST') return passSignOut(exchange, signedIn);
  if (page === undefined) throw missing(path);
  return passPage(exchange, page, signedIn);
}

async function passPage(exchange: Exchange, page: PortalPage, { session, identity }: SignedIn): Promise<Response> {
  const { context, isFramed, method, url } = exchange;
  const form = method === 'POST' ? await readForm(exchange.request, isFramed) : undefined;
  const request = new PortalRequest(context, session, identity, form ?? url.searchParams);
  if (page.right !== undefined && !request.may(page.right)) {
    throw new PortalRefusal(
      403,
      `This needs the right ${page.right}, which your roles do not have. Ask an admin for it.`,
      `needs ${page.right}`,
    );
  }
  if (form !== undefined) checkForm(session, form);
  return toPageResponse(await page.respond(request), request);
}

function toPageResponse(response: PortalResponse, request: PortalRequest): Promise<Response> {
  if ('to' in response) {
    request.session.notice = response.notice;
    return toResponse(response);
  }
  const { notice } = request.session;
  request.session.notice = undefined;
  return toResponse(response, request, notice);
}

async function passSignIn({ context, request, method, url, isFramed, cookie, signedIn }: Exchange): Promise<Response> {
  if (method === 'GET') {
    return signedIn === undefined ? toResponse(signInPage(url.searchParams.get('why'))) : toResponse({ to: '/portal' });
  }
  if (method !== 'POST') throw missing('/portal/sign-in');
  const form = await readForm(request, isFramed);
  const result = signIn(context, form.get('username') ?? '', form.get('password') ?? '');
  if ('problem' in result) {
    const wait = result.retryAfterSeconds;
    const headers = wait === undefined ? {} : { 'retry-after': String(wait) };
    return toResponse({ ...signInPage(null, result), headers } as PortalResponse);
  }
  // A new session id for every sign-in, against session fixation.
  if (signedIn !== undefined) context.state.sessions.endWhere((session) => session === signedIn.session);
  return toResponse({ to: '/portal' }, undefined, undefined, { 'set-cookie': cookie.set(result.sessionId) });
}

async function passSignOut(exchange: Exchange, { session, identity }: SignedIn): Promise<Response> {
  const { context, request, isFramed, cookie } = exchange;
  checkForm(session, await readForm(request, isFramed));
  context.state.sessions.endWhere((candidate) => candidate === session);
  const actor = identity.username;
  context.state.record({ actor, act: 'sign out', subject: actor });
  return toResponse({ to: '/portal/sign-in?why=ended' }, undefined, undefined, { 'set-cookie': cookie.clear() });
}

function refuse(exchange: Exchange, error: unknown): Promise<Response> {
  const { signedIn, context, url } = exchange;
  // The database is closed, so that the audit log cannot be written.
  if (context.closing.aborted)
    return toResponse({ title: 'Closed', status: 503, content: html`<p>The emulator is closed.</p>` });
  const viewer = signedIn && new PortalRequest(context, signedIn.session, signedIn.identity, url.searchParams);
  if (error instanceof InvalidInput)
    return toRefusalResponse(new PortalRefusal(404, 'This entry does not exist.', ''), viewer);
  if (!(error instanceof PortalRefusal)) {
    return toRefusalResponse(
      new PortalRefusal(500, 'The emulator failed. Please report this bug, with what you did.', ''),
      viewer,
    );
  }
  if (error.detail !== '') record(exchange, error.detail);
  return toRefusalResponse(error, viewer);
}

/** Records a refusal in the audit log. Only an existing path is recorded, because others may contain a secret. */
function record({ context, signedIn, method, path }: Exchange, detail: string): void {
  const act = pages.has(`${method} ${path}`) || path === '/portal/sign-in' ? `${method} ${path}` : 'request';
  const actor = signedIn?.identity.username ?? 'anonymous';
  context.state.record({ actor, act, outcome: 'refused', detail });
}

function missing(path: string): PortalRefusal {
  const methods = ['GET', 'POST'].filter((method) => pages.has(`${method} ${path}`));
  if (path === '/portal/sign-in') methods.push('GET', 'POST');
  if (methods.length === 0) return new PortalRefusal(404, 'This page does not exist.', '');
  return new PortalRefusal(405, `This page supports only ${methods.join(', ')}.`, '', { allow: methods.join(', ') });
}

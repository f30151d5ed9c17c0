import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import type { AppEnv } from '../http/app-env.ts';
import { InvalidInput } from '../input/invalid.ts';
import { ICON, STYLE_SHEET } from './page/style-sheet.ts';
import { answerAsset, answerRefusal, answerReply } from './portal-answer.ts';
import type { PortalContext } from './portal-context.ts';
import { checkForm, checkSource, findSignedIn, type SignedIn } from './portal-gate.ts';
import type { PortalPage } from './portal-page.ts';
import { portalPages } from './portal-pages.ts';
import { PortalRefusal } from './portal-refusal.ts';
import { readForm } from './read-form.ts';
import type { Reply } from './reply.ts';
import { portalRightsOf } from './role/portal-right.ts';
import { SessionCookie } from './session/session-cookie.ts';
import { signIn } from './sign-in/sign-in.ts';
import { signInPage } from './sign-in/sign-in-page.ts';
import { Visit } from './visit.ts';

const pages = new Map(portalPages.map((page) => [`${page.method} ${page.path}`, page]));
const assets: ReadonlyMap<string, readonly [type: string, content: string]> = new Map([
  ['/portal/style.css', ['text/css; charset=utf-8', STYLE_SHEET]],
  ['/portal/icon.svg', ['image/svg+xml', ICON]],
]);

/** One request to the portal, on its way to an answer. */
interface Passage {
  readonly context: PortalContext;
  readonly request: Request;
  readonly method: string;
  readonly path: string;
  readonly url: URL;
  readonly isFramed: boolean;
  readonly cookie: SessionCookie;
  signedIn: SignedIn | undefined;
}

/** Everything below `/portal`. */
export function portalRoutes(context: PortalContext): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.all('*', (c) => answer(context, c));
  return app;
}

async function answer(context: PortalContext, c: Context<AppEnv>): Promise<Response> {
  const url = new URL(c.req.url);
  const isFramed = 'incoming' in c.env;
  const host = isFramed ? ((c.env as HttpBindings).incoming.headers.host ?? '') : url.host;
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
  const path = url.pathname.replace(/\/$/, '');
  const cookie = new SessionCookie(host);
  const passage: Passage = { context, request: c.req.raw, method, path, url, isFramed, cookie, signedIn: undefined };
  try {
    if (isFramed) checkSource(c.req.raw, host, context);
    passage.signedIn = findSignedIn(c.req.raw, cookie, context);
    return await pass(passage);
  } catch (error) {
    return refuse(passage, error);
  }
}

async function pass(passage: Passage): Promise<Response> {
  const { method, path, signedIn } = passage;
  const asset = assets.get(path);
  if (asset !== undefined) return answerAsset(...asset);
  if (path === '/portal/sign-in') return passSignIn(passage);
  const page = pages.get(`${method} ${path}`);
  if (signedIn === undefined) {
    if (method === 'POST') record(passage, 'not signed in');
    return answerReply({ to: '/portal/sign-in' });
  }
  if (path === '/portal') {
    const maySee = portalRightsOf(signedIn.identity.roles).has('credentials:see');
    return answerReply({ to: maySee ? '/portal/credentials' : '/portal/account' });
  }
  if (path === '/portal/sign-out' && method === 'POST') return passSignOut(passage, signedIn);
  if (page === undefined) throw missing(path);
  return passPage(passage, page, signedIn);
}

async function passPage(passage: Passage, page: PortalPage, { session, identity }: SignedIn): Promise<Response> {
  const { context, request, isFramed, method, url } = passage;
  const form = method === 'POST' ? await readForm(request, isFramed) : undefined;
  const visit = new Visit(context, session, identity, form ?? url.searchParams);
  if (page.right !== undefined && !visit.may(page.right)) {
    throw new PortalRefusal(
      403,
      `Your roles do not hold the right ${page.right}. Ask an admin for it.`,
      `needs ${page.right}`,
    );
  }
  if (form !== undefined) checkForm(session, form);
  return toAnswer(await page.answer(visit), visit);
}

function toAnswer(reply: Reply, visit: Visit): Promise<Response> {
  if ('to' in reply) {
    visit.session.notice = reply.notice;
    return answerReply(reply);
  }
  const { notice } = visit.session;
  visit.session.notice = undefined;
  return answerReply(reply, visit, notice);
}

async function passSignIn({ context, request, method, url, isFramed, cookie, signedIn }: Passage): Promise<Response> {
  if (method === 'GET') {
    return signedIn === undefined
      ? answerReply(signInPage(url.searchParams.get('why')))
      : answerReply({ to: '/portal' });
  }
  if (method !== 'POST') throw missing('/portal/sign-in');
  const form = await readForm(request, isFramed);
  const result = signIn(context, form.get('username') ?? '', form.get('password') ?? '');
  if ('problem' in result) {
    const wait = result.retryAfterSeconds;
    const headers = wait === undefined ? {} : { 'retry-after': String(wait) };
    return answerReply({ ...signInPage(null, result), headers } as Reply);
  }
  // The browser always gets a new session id, so that no planted one is ever signed in.
  if (signedIn !== undefined) context.state.sessions.end(signedIn.session);
  return answerReply({ to: '/portal' }, undefined, undefined, { 'set-cookie': cookie.hand(result.sessionId) });
}

async function passSignOut(passage: Passage, { session, identity }: SignedIn): Promise<Response> {
  const { context, request, isFramed, cookie } = passage;
  checkForm(session, await readForm(request, isFramed));
  const { audit, clock, sessions } = context.state;
  sessions.end(session);
  const actor = identity.username;
  audit.add({ at: clock.now(), actor, act: 'sign out', subject: actor, outcome: 'done', detail: '' });
  return answerReply({ to: '/portal/sign-in?why=ended' }, undefined, undefined, { 'set-cookie': cookie.take() });
}

function refuse(passage: Passage, error: unknown): Promise<Response> {
  const { signedIn, context, url } = passage;
  // The database is gone: nobody is left to be answered, and nothing to be written down.
  if (context.closing.aborted)
    return answerReply({ title: 'Closed', status: 503, content: html`<p>The emulator is closed.</p>` });
  const viewer = signedIn && new Visit(context, signedIn.session, signedIn.identity, url.searchParams);
  if (error instanceof InvalidInput)
    return answerRefusal(new PortalRefusal(404, 'There is nothing of this name.', ''), viewer);
  if (!(error instanceof PortalRefusal)) {
    return answerRefusal(new PortalRefusal(500, 'The emulator failed; please report what you did.', ''), viewer);
  }
  if (error.detail !== '') record(passage, error.detail);
  return answerRefusal(error, viewer);
}

/** Writes a refusal into the audit log, with the path only when there is one: anything else may be a secret. */
function record({ context, signedIn, method, path }: Passage, detail: string): void {
  const act = pages.has(`${method} ${path}`) || path === '/portal/sign-in' ? `${method} ${path}` : 'request';
  const actor = signedIn?.identity.username ?? 'nobody';
  const { audit, clock } = context.state;
  audit.add({ at: clock.now(), actor, act, subject: '', outcome: 'refused', detail });
}

function missing(path: string): PortalRefusal {
  const methods = ['GET', 'POST'].filter((method) => pages.has(`${method} ${path}`));
  if (path === '/portal/sign-in') methods.push('GET', 'POST');
  if (methods.length === 0) return new PortalRefusal(404, 'The portal has no such page.', '');
  return new PortalRefusal(405, 'This page cannot be asked this way.', '', { allow: methods.join(', ') });
}

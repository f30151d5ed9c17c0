import { html } from 'hono/html';
import { PORTAL_HEADERS } from './page/headers.ts';
import { layout, type Viewer } from './page/layout.ts';
import type { PortalRefusal } from './portal-refusal.ts';
import type { Reply } from './reply.ts';
import type { Visit } from './visit.ts';

/** Turns a reply into an answer, with the frame around it for who is signed in. */
export async function answerReply(
  reply: Reply,
  visit?: Visit,
  notice?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  if ('to' in reply) {
    return new Response(null, { status: 303, headers: { ...PORTAL_HEADERS, ...headers, location: reply.to } });
  }
  const page = await layout({ ...reply, notice }, visit && toViewer(visit));
  return new Response(String(page), {
    status: reply.status ?? 200,
    headers: { ...PORTAL_HEADERS, 'content-type': 'text/html; charset=utf-8', ...reply.headers, ...headers },
  });
}

/** Answers with a page that says why something is not done. */
export function answerRefusal({ status, message, headers }: PortalRefusal, visit?: Visit): Promise<Response> {
  const content = html`<section><p>${message}</p><p><a href="/portal">Back to the portal</a></p></section>`;
  return answerReply({ title: status === 404 ? 'Not found' : 'That did not work', status, content, headers }, visit);
}

/** Answers with something that a page is made of. */
export function answerAsset(type: string, content: string): Response {
  return new Response(content, { headers: { ...PORTAL_HEADERS, 'content-type': type } });
}

function toViewer({ identity, rights, session }: Visit): Viewer {
  return { username: identity.username, rights, formToken: () => session.createFormToken() };
}

import { html } from 'hono/html';
import { layout, type Viewer } from './page/layout.ts';
import type { PortalRefusal, PortalRequest, PortalResponse } from './portal-page.ts';

/** Turns a reply into an answer, with the frame around it for who is signed in. */
export async function toResponse(
  reply: PortalResponse,
  request?: PortalRequest,
  notice?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  if ('to' in reply) {
    return new Response(null, { status: 303, headers: { ...PORTAL_HEADERS, ...headers, location: reply.to } });
  }
  const page = await layout({ ...reply, notice }, request && toViewer(request));
  return new Response(String(page), {
    status: reply.status ?? 200,
    headers: { ...PORTAL_HEADERS, 'content-type': 'text/html; charset=utf-8', ...reply.headers, ...headers },
  });
}

/** Answers with a page that says why something is not done. */
export function toRefusalResponse(
  { status, message, headers }: PortalRefusal,
  request?: PortalRequest,
): Promise<Response> {
  const content = html`<section><p>${message}</p><p><a href="/portal">Back to the portal</a></p></section>`;
  return toResponse({ title: status === 404 ? 'Not found' : 'That did not work', status, content, headers }, request);
}

/** Answers with something that a page is made of. */
export function toAssetResponse(type: string, content: string): Response {
  return new Response(content, { headers: { ...PORTAL_HEADERS, 'content-type': type } });
}

function toViewer({ identity, rights, session }: PortalRequest): Viewer {
  return { username: identity.username, rights, formToken: () => session.createFormToken() };
}

/**
 * Headers of every answer of the portal.
 *
 * The policy has no script at all, so there is none to inject. The referrer stays within the portal; not "no-referrer",
 * which would make browsers hide the origin of forms as well.
 *
 * @see OWASP ASVS, configuration of browser security mechanisms
 */
export const PORTAL_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

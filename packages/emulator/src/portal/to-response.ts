import { html } from 'hono/html';
import { layout, type Viewer } from './page/layout.ts';
import type { PortalRefusal, PortalRequest, PortalResponse } from './portal-page.ts';

/** Converts a page or a redirect to a response. */
export async function toResponse(
  content: PortalResponse,
  request?: PortalRequest,
  notice?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  if ('to' in content) {
    return new Response(null, { status: 303, headers: { ...PORTAL_HEADERS, ...headers, location: content.to } });
  }
  const page = await layout({ ...content, notice }, request && toViewer(request));
  return new Response(String(page), {
    status: content.status ?? 200,
    headers: { ...PORTAL_HEADERS, 'content-type': 'text/html; charset=utf-8', ...content.headers, ...headers },
  });
}

/** Creates the page for a rejected request. */
export function toRefusalResponse(
  { status, message, headers }: PortalRefusal,
  request?: PortalRequest,
): Promise<Response> {
  const content = html`<section><p>${message}</p><p><a href="/portal">Back to the portal</a></p></section>`;
  return toResponse({ title: status === 404 ? 'Not found' : 'Request rejected', status, content, headers }, request);
}

/** Creates the response with a style sheet or an icon. */
export function toAssetResponse(type: string, content: string): Response {
  return new Response(content, { headers: { ...PORTAL_HEADERS, 'content-type': type } });
}

function toViewer({ identity, rights, session }: PortalRequest): Viewer {
  return { username: identity.username, rights, formToken: () => session.createFormToken() };
}

/**
 * Headers of every response of the portal.
 *
 * The policy allows no scripts. The referrer policy is not "no-referrer", because browsers would then send
 * `Origin: null` with forms.
 *
 * @see OWASP ASVS, configuration of browser security mechanisms
 */
const PORTAL_HEADERS: Readonly<Record<string, string>> = {
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

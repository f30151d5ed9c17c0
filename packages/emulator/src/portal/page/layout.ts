import { html } from 'hono/html';
import type { PageContent, PortalRequest, PortalResponse } from '../portal-page.ts';
import type { PortalRight } from '../portal-right.ts';
import type { Markup } from './markup.ts';

const LINKS: readonly (readonly [path: string, label: string, right?: PortalRight])[] = [
  ['/portal/credentials', 'Credentials', 'credentials:see'],
  ['/portal/roles', 'Roles'],
  ['/portal/users', 'Users', 'users:see'],
  ['/portal/tokens', 'Tokens', 'tokens:see'],
  ['/portal/audit-log', 'Audit log', 'audit:see'],
  ['/portal/account', 'Account'],
  ['/portal/console', 'Emulator console', 'emulator:control'],
];

/**
 * Headers of every response of the portal.
 *
 * The policy allows no scripts. The referrer policy is not "no-referrer", because browsers would then send
 * `Origin: null` with forms.
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

/**
 * Converts a page or a redirect to a response.
 *
 * @param viewer the request of the signed-in user; `undefined` when no user is signed in.
 * @param notice a message about the action before.
 */
export async function toResponse(response: PortalResponse, viewer?: PortalRequest, notice?: string): Promise<Response> {
  const headers = { ...PORTAL_HEADERS, ...response.headers };
  if ('to' in response) return new Response(null, { status: 303, headers: { ...headers, location: response.to } });
  const { problem, status = problem === undefined ? 200 : 400 } = response;
  const page = await layout(response, viewer, notice);
  return new Response(String(page), { status, headers: { ...headers, 'content-type': 'text/html; charset=utf-8' } });
}

function layout(page: PageContent, viewer: PortalRequest | undefined, notice: string | undefined): Markup {
  const { title, content, section, problem } = page;
  const isConsole = section === '/portal/console';
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · instellix emulator</title>
<link rel="stylesheet" href="/portal/style.css">
<link rel="icon" href="/portal/icon.svg" type="image/svg+xml">
</head>
<body${isConsole ? html` class="console"` : ''}>
<a class="skip" href="#main">Skip to the content</a>
<header>
<p class="brand">instellix emulator</p>
${viewer === undefined ? '' : html`${navigation(viewer, section)}${signOut(viewer)}`}
</header>
<main id="main">
<h1>${title}</h1>
${notice === undefined ? '' : html`<p class="notice" role="status">${notice}</p>`}
${problem === undefined ? '' : html`<p class="alert" role="alert">${problem}</p>`}
${content}
</main>
<footer><p>A local emulator for development and tests. It never connects to instellix.${viewer === undefined ? '' : ' All times are UTC, by the clock of the emulator.'}</p></footer>
</body>
</html>`;
}

function navigation({ rights }: PortalRequest, section: string | undefined): Markup {
  const links = LINKS.filter(([, , right]) => right === undefined || rights.has(right)).map(
    ([path, label]) =>
      html`<li><a href="${path}"${path === section ? html` aria-current="page"` : ''}>${label}</a></li>`,
  );
  return html`<nav aria-label="Portal"><ul>${links}</ul></nav>`;
}

function signOut(viewer: PortalRequest): Markup {
  const { username } = viewer.identity;
  const form = viewer.form('/portal/sign-out', html`<button class="quiet">Sign out</button>`);
  return html`<div class="who"><bdi title="${username}">${username}</bdi>${form}</div>`;
}

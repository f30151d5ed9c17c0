import { html } from 'hono/html';
import type { PortalRight } from '../portal-right.ts';
import type { Markup } from './markup.ts';

/** The signed-in user of a page. */
export interface Viewer {
  readonly username: string;
  readonly rights: ReadonlySet<PortalRight>;
  /** Creates the token of a form. */
  formToken(): string;
}

const LINKS: readonly (readonly [path: string, label: string, right?: PortalRight])[] = [
  ['/portal/credentials', 'Credentials', 'credentials:see'],
  ['/portal/roles', 'Roles'],
  ['/portal/users', 'Users', 'users:see'],
  ['/portal/tokens', 'Tokens', 'tokens:see'],
  ['/portal/audit-log', 'Audit log', 'audit:see'],
  ['/portal/account', 'Account'],
  ['/portal/console', 'Emulator console', 'emulator:control'],
];

/** The content of a page. */
export interface PageContent {
  readonly title: string;
  readonly content: Markup;
  /** The path of its link in the navigation. */
  readonly section?: string;
  /** A message about the action before. */
  readonly notice?: string | undefined;
}

/** A whole page: header, navigation and content. */
export function layout({ title, content, section, notice }: PageContent, viewer: Viewer | undefined): Markup {
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
<p class="brand">instellix <span>emulator</span></p>
${viewer === undefined ? '' : html`${navigation(viewer, section)}${signOut(viewer)}`}
</header>
<main id="main">
<h1>${title}</h1>
${notice === undefined ? '' : html`<p class="notice" role="status">${notice}</p>`}
${content}
</main>
<footer><p>A local emulator for development and tests. It never connects to instellix.${viewer === undefined ? '' : ' All times are UTC, by the clock of the emulator.'}</p></footer>
</body>
</html>`;
}

function navigation({ rights }: Viewer, section: string | undefined): Markup {
  const links = LINKS.filter(([, , right]) => right === undefined || rights.has(right)).map(
    ([path, label]) =>
      html`<li><a href="${path}"${path === section ? html` aria-current="page"` : ''}>${label}</a></li>`,
  );
  return html`<nav aria-label="Portal"><ul>${links}</ul></nav>`;
}

function signOut(viewer: Viewer): Markup {
  return html`<form class="who" method="post" action="/portal/sign-out">
<input type="hidden" name="form" value="${viewer.formToken()}">
<bdi title="${viewer.username}">${viewer.username}</bdi><button class="quiet">Sign out</button>
</form>`;
}

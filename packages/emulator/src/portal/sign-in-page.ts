import { html } from 'hono/html';
import { alert, field } from './page/field.ts';
import type { PortalResponse } from './portal-page.ts';

/** Why the page is shown, when it is not by choice. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['changed', 'The password is changed. Sign in with the new one.'],
  ['reset', 'The emulator is back at its seed, which ended all sessions.'],
  ['ended', 'You are signed out.'],
]);

/** Where one signs in. What was typed is not shown again: it may be a password in the wrong place. */
export function signInPage(
  why: string | null,
  refusal?: { readonly problem: string; readonly status: number },
): PortalResponse {
  const reason = REASONS.get(why ?? '');
  return {
    title: 'instellix portal',
    status: refusal?.status ?? 200,
    content: html`<div class="narrow">${alert(refusal?.problem)}${
      reason === undefined ? '' : html`<p class="notice" role="status">${reason}</p>`
    }<section><form method="post" action="/portal/sign-in">
${field('username', 'User name', { autocomplete: 'username', isRequired: true })}
${field('password', 'Password', { type: 'password', autocomplete: 'current-password', isRequired: true })}
<button>Sign in</button>
</form></section></div>`,
  };
}

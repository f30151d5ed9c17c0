import { HttpProblem } from '../http/access.ts';
import { mediaTypeOf, readBody } from '../http/body.ts';
import type { Session } from '../state/session.ts';
import { type PortalContext, PortalRequest } from './portal-page.ts';
import { authenticate } from './sign-in.ts';

const MAX_FORM_BYTES = 16_384;

/** Finds the signed-in user. A changed password, changed roles and a removed user take effect at the next request. */
export function findSignedIn(context: PortalContext, sessionId = ''): PortalRequest | undefined {
  const { state } = context;
  const session = state.sessions.find(sessionId);
  if (session === undefined) return undefined;
  const identity = authenticate(state, session.username, session.digest);
  if (identity !== undefined) return new PortalRequest(context, session, identity);
  state.sessions.end(session);
  return undefined;
}

/** Reads a submitted form. @throws HttpProblem */
export async function readForm(request: Request): Promise<URLSearchParams> {
  if (mediaTypeOf(request.headers) !== 'application/x-www-form-urlencoded') {
    throw new HttpProblem(415, 'no form', 'the portal accepts only forms (application/x-www-form-urlencoded)');
  }
  const body = await readBody(request, MAX_FORM_BYTES);
  if ('problem' in body) throw new HttpProblem(body.status, body.problem, body.problem);
  return new URLSearchParams(body.content);
}

/** Checks that a form belongs to this session and was not sent before. @throws HttpProblem */
export function checkForm(session: Session, form: URLSearchParams): void {
  const token = session.takeFormToken(form.get('form') ?? '');
  if (token === 'forged') {
    throw new HttpProblem(403, 'forged form', 'this form does not belong to your session; load the page again');
  }
  if (token === 'sent_before') {
    throw new HttpProblem(409, 'form sent twice', 'this form was sent before; nothing was changed this time');
  }
}

/**
 * The name of the session cookie of this host.
 *
 * It contains the port, because browsers send cookies to all ports of a host: two emulators would otherwise overwrite each
 * other's cookie.
 */
function cookieNameOf(host: string): string {
  return `instellix_portal_${host.match(/:(\d+)$/)?.[1] ?? '80'}`;
}

/** The session id in a Cookie header; `undefined` when there is not exactly one. */
export function readSessionId(header: string | null, host: string): string | undefined {
  const prefix = `${cookieNameOf(host)}=`;
  const values = (header ?? '').split(/; */).filter((part) => part.startsWith(prefix));
  return values.length === 1 ? values[0]?.slice(prefix.length) : undefined;
}

/**
 * The Set-Cookie header that starts a session; without an id, it ends the session.
 *
 * The cookie is not `Secure`, because the emulator uses plain http on loopback.
 */
export function setSessionId(host: string, id = ''): { 'set-cookie': string } {
  const end = id === '' ? '; Max-Age=0' : '';
  return { 'set-cookie': `${cookieNameOf(host)}=${id}; Path=/portal; HttpOnly; SameSite=Strict${end}` };
}

import { isAllowedHost, isSameOrigin } from '../http/access.ts';
import type { Session } from '../state/session.ts';
import { authenticate, type Identity } from './identity.ts';
import { type PortalContext, PortalRefusal } from './portal-page.ts';

/** The signed-in user and the session. */
export interface SignedIn {
  readonly session: Session;
  readonly identity: Identity;
}

/**
 * Rejects requests that cannot come from a page of the portal.
 *
 * @throws PortalRefusal
 */
export function checkSource(request: Request, host: string, context: PortalContext): void {
  if (!isAllowedHost(host, context.access)) {
    throw new PortalRefusal(
      421,
      'The Host header is not a name of this emulator. Use localhost, an IP address or one of hostNames.',
      'foreign host',
    );
  }
  if (request.method === 'POST' && !isSameOrigin(request.headers, host)) {
    throw new PortalRefusal(403, 'This form was not sent by a page of the portal.', 'foreign origin');
  }
}

/** Finds the signed-in user. A changed password, changed roles and a removed user take effect at the next request. */
export function findSignedIn(request: Request, cookie: SessionCookie, context: PortalContext): SignedIn | undefined {
  const id = cookie.read(request.headers.get('cookie'));
  const { sessions } = context.state;
  const session = id === undefined ? undefined : sessions.find(id);
  if (session === undefined) return undefined;
  const identity = authenticate(context.state, session.username, session.digest);
  if (identity === undefined) {
    sessions.endWhere((candidate) => candidate === session);
    return undefined;
  }
  return { session, identity };
}

/**
 * Checks that a form belongs to this session and was not sent before.
 *
 * @throws PortalRefusal
 */
export function checkForm(session: Session, form: URLSearchParams): void {
  switch (session.takeFormToken(form.get('form') ?? '')) {
    case 'forged':
      throw new PortalRefusal(403, 'This form does not belong to your session. Load the page again.', 'forged form');
    case 'sent_before':
      throw new PortalRefusal(409, 'This form was sent before. Nothing was changed this time.', 'form sent twice');
    default:
  }
}

/**
 * The session cookie. It is not `Secure`, because the emulator uses plain http on loopback.
 *
 * Its name contains the port, because browsers send cookies to all ports of a host: two emulators would otherwise
 * overwrite each other's cookie.
 */
export class SessionCookie {
  readonly #name: string;

  constructor(host: string) {
    this.#name = `instellix_portal_${host.match(/:(\d+)$/)?.[1] ?? '80'}`;
  }

  /** The session id in a Cookie header; `undefined` when there is not exactly one. */
  read(header: string | null): string | undefined {
    const prefix = `${this.#name}=`;
    const values = (header ?? '').split(/; */).filter((part) => part.startsWith(prefix));
    const [value] = values;
    return values.length === 1 ? value?.slice(prefix.length) : undefined;
  }

  /** The Set-Cookie header that starts a session. */
  set(id: string): string {
    return `${this.#name}=${id}; Path=/portal; HttpOnly; SameSite=Strict`;
  }

  /** The Set-Cookie header that ends a session. */
  clear(): string {
    return `${this.#name}=; Path=/portal; HttpOnly; SameSite=Strict; Max-Age=0`;
  }
}

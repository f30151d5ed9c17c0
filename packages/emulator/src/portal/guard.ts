import { isAllowedHost, isSameOrigin } from '../http/access.ts';
import type { Session } from '../state/session.ts';
import { authenticate, type Identity } from './identity.ts';
import { type PortalContext, PortalRefusal } from './portal-page.ts';

/** Who is signed in. */
export interface SignedIn {
  readonly session: Session;
  readonly identity: Identity;
}

/**
 * Turns away what no page of the portal can have sent.
 *
 * @throws PortalRefusal
 */
export function checkSource(request: Request, host: string, context: PortalContext): void {
  if (!isAllowedHost(host, context.access)) {
    throw new PortalRefusal(421, 'The portal is not at this address.', 'foreign host');
  }
  if (request.method === 'POST' && !isSameOrigin(request.headers, host)) {
    throw new PortalRefusal(403, 'This form does not come from the portal.', 'foreign origin');
  }
}

/** Finds out who is signed in. A changed password, a lost role and a removed user count from the next request on. */
export function findSignedIn(request: Request, cookie: SessionCookie, context: PortalContext): SignedIn | undefined {
  const id = cookie.read(request.headers.get('cookie'));
  const { sessions, clock } = context.state;
  const session = id === undefined ? undefined : sessions.find(id, clock.now());
  if (session === undefined) return undefined;
  const identity = authenticate(context.state, session.username, session.digest);
  if (identity === undefined) {
    sessions.end(session);
    return undefined;
  }
  return { session, identity };
}

/**
 * Makes sure that a form is one that this session was given, and sent for the first time.
 *
 * @throws PortalRefusal
 */
export function checkForm(session: Session, form: URLSearchParams): void {
  switch (session.takeFormToken(form.get('form') ?? '')) {
    case 'forged':
      throw new PortalRefusal(403, 'This form was not made for you. Load the page again.', 'forged form');
    case 'sent_before':
      throw new PortalRefusal(409, 'This form was sent before. It is not carried out twice.', 'form sent twice');
    default:
  }
}

/**
 * The cookie that carries a session. It has no `Secure`: the emulator speaks plain http, on loopback.
 *
 * Browsers send cookies of one host to all of its ports, so that the port is in the name: emulators side by side would
 * sign each other's users out.
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

  /** The Set-Cookie header that hands a session out. */
  hand(id: string): string {
    return `${this.#name}=${id}; Path=/portal; HttpOnly; SameSite=Strict`;
  }

  /** The Set-Cookie header that takes it back. */
  take(): string {
    return `${this.#name}=; Path=/portal; HttpOnly; SameSite=Strict; Max-Age=0`;
  }
}

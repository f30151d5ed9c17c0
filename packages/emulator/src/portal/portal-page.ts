import type { Reply } from './reply.ts';
import type { PortalRight } from './role/portal-right.ts';
import type { Visit } from './visit.ts';

/** Something that can be asked of the portal by who is signed in. */
export interface PortalPage {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Who may ask; left out: everybody who is signed in. */
  readonly right?: PortalRight;
  answer(visit: Visit): Reply | Promise<Reply>;
}

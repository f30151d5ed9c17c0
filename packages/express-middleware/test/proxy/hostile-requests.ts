import { hostileFramings } from './hostile-framings.ts';
import { hostileHeaders } from './hostile-headers.ts';
import type { HostileRequest } from './hostile-request.ts';
import { hostileQueries, hostileTargets } from './hostile-targets.ts';

/** Each is sent on its own connection. */
export const hostileRequests: readonly HostileRequest[] = [
  ...hostileTargets,
  ...hostileQueries,
  ...hostileHeaders,
  ...hostileFramings,
];

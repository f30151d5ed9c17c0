import { object, readOptions } from '../configuration/object-validator.ts';
import { number } from '../configuration/validator.ts';
import type { ClientStatus } from './client-status.ts';
import type { InstellixClient } from './instellix-client.ts';

/** How a client is; plain JSON without secrets. */
export interface ClientHealth extends ClientStatus {
  /** `ok` and `degraded`: calls are served; `down`: they are not. */
  readonly status: 'ok' | 'degraded' | 'down';
  /**
   * `starting`: the first token is still awaited; `healthy`; `degraded`: a token is served although its refresh fails;
   * `failing`: there is no token to be had; `closed`.
   */
  readonly condition: 'starting' | 'healthy' | 'degraded' | 'failing' | 'closed';
}

/** How a client's health is checked. */
export interface CheckHealthOptions {
  /** How long a check waits for a token when the client has none, in milliseconds. @default 800, less than a probe of Kubernetes waits */
  readonly timeoutMs?: number | undefined;
}

/**
 * Checks whether a client serves calls, for health endpoints.
 *
 * Only a client that has no token yet, or whose last attempt failed, is made to obtain one: all checks share that one request,
 * and a check that has ended does not end it. A client that is idle costs no request.
 *
 * @throws ConfigurationError for options that do not exist or cannot work
 */
export async function checkHealth(
  client: Pick<InstellixClient, 'getToken' | 'status'>,
  options: CheckHealthOptions = {},
): Promise<ClientHealth> {
  // Timers take a longer time for none at all.
  const rule = object({ timeoutMs: number(1, 2 ** 31 - 1) });
  const { timeoutMs = 800 } = readOptions(rule, options, (given) => given, 'checkHealth');
  const { state, lastError } = client.status();
  if (state === 'cold' || (state === 'spent' && lastError)) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    // Without a signal: were the last check to leave it, the flight would be aborted, and a slow first token never arrive.
    await Promise.race([client.getToken().catch(() => {}), patience]);
    clearTimeout(timer);
  }
  return judge(client.status());
}

function judge(status: ClientStatus): ClientHealth {
  const { state, lastError } = status;
  if (state === 'closed') return { ...status, status: 'down', condition: 'closed' };
  const isServing = state === 'fresh' || state === 'aging' || (state === 'spent' && !lastError);
  if (isServing) return { ...status, ...(lastError ? degraded : healthy) };
  return { ...status, status: 'down', condition: lastError ? 'failing' : 'starting' };
}

const healthy = { status: 'ok', condition: 'healthy' } as const;
const degraded = { status: 'degraded', condition: 'degraded' } as const;

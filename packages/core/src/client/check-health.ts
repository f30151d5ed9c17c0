import { callerClock, maxTimerMs } from '../clock/system-clock.ts';
import { withTimeout } from '../clock/with-timeout.ts';
import { object, readOptions } from '../configuration/object-validator.ts';
import { number } from '../configuration/validator.ts';
import type { ClientStatus } from './client-status.ts';
import type { InstellixClient } from './instellix-client.ts';

/** The health of a client; plain JSON without secrets. */
export interface ClientHealth extends ClientStatus {
  /** `ok` and `degraded`: calls are served; `down`: they are not. */
  readonly status: 'ok' | 'degraded' | 'down';
  /**
   * `starting`: there is no token yet, and no attempt has failed; `healthy`; `degraded`: the held token is served, but its refresh fails;
   * `failing`: no token can be obtained; `closed`.
   */
  readonly condition: 'starting' | 'healthy' | 'degraded' | 'failing' | 'closed';
}

/** The options of a health check. */
export interface CheckHealthOptions {
  /** How long a check waits for a token when the client has none, in milliseconds. @default 800, less than the timeout of a Kubernetes probe */
  readonly timeoutMs?: number | undefined;
}

/** The validator of {@link CheckHealthOptions.timeoutMs}. */
export const healthTimeout = /* @__PURE__ */ number(1, maxTimerMs);

/**
 * Checks whether a client serves calls, for health endpoints.
 *
 * Only a client that has no token yet, or whose last attempt failed, fetches one. All checks share that request, and a check that ends
 * does not end it. An idle client makes no request.
 *
 * @throws ConfigurationError for options that do not exist or cannot work
 */
export async function checkHealth(
  client: Pick<InstellixClient, 'getToken' | 'status'>,
  options: CheckHealthOptions = {},
): Promise<ClientHealth> {
  const validator = object<CheckHealthOptions>({ timeoutMs: healthTimeout });
  const { timeoutMs = 800 } = readOptions(validator, options, (given) => given, 'checkHealth');
  const { state, lastError } = client.status();
  if (state === 'missing' || (state === 'expired' && lastError)) {
    // Without the signal: when the last caller aborts, the request is aborted, and a slow first token would never arrive.
    const waitForToken = () => client.getToken().catch(() => {});
    await withTimeout(callerClock, timeoutMs, waitForToken, () => {});
  }
  return assess(client.status());
}

function assess(status: ClientStatus): ClientHealth {
  const { state, lastError } = status;
  if (state === 'closed') return { ...status, status: 'down', condition: 'closed' };
  const isServing = state === 'fresh' || state === 'stale' || (state === 'expired' && !lastError);
  if (isServing) return { ...status, ...(lastError ? degraded : healthy) };
  return { ...status, status: 'down', condition: lastError ? 'failing' : 'starting' };
}

const healthy = { status: 'ok', condition: 'healthy' } as const;
const degraded = { status: 'degraded', condition: 'degraded' } as const;

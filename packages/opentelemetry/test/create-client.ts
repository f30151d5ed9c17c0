import {
  createInstellixClient,
  type InstellixClient,
  type InstellixClientOptions,
  type TokenEvent,
} from '@instellix/core';
import { VirtualClock } from '@instellix/testing';
import { onTestFinished } from 'vitest';

/** What the token endpoint responds with. */
export type Respond = (signal: AbortSignal) => Response | Promise<Response>;

/** A response with a token; the API rejects it or not. */
export const issue = (value = 'planted-token', expiresInSeconds = 300): Response =>
  Response.json({ access_token: value, token_type: 'bearer', expires_in: expiresInSeconds });

export const wrongCredentials = (): Response => Response.json({ error: 'invalid_client' }, { status: 401 });

/** Creates a client whose time is virtual, and whose token endpoint is a function. It starts at the present time, as gauges do. */
export function createClient(
  options: Partial<InstellixClientOptions> & { readonly respond?: Respond } = {},
  create = createInstellixClient,
): {
  readonly client: InstellixClient;
  readonly clock: VirtualClock;
  /** Resolves at the next event of a type. Until then, no virtual time passes: encryption takes real time. */
  readonly next: (type: TokenEvent['type']) => Promise<void>;
} {
  const { respond = () => issue(), ...others } = options;
  const clock = new VirtualClock(Date.now());
  const client = create({
    environment: 'sandbox',
    realm: 'acme',
    clientId: 'own-client-id',
    clientSecret: 'planted-secret',
    clock,
    fetch: async (_, init) => respond(init?.signal as AbortSignal),
    ...others,
  });
  onTestFinished(() => client.close());
  const next = (type: TokenEvent['type']) =>
    new Promise<void>((resolve) => {
      const unsubscribe = client.subscribe((event) => {
        if (event.type !== type) return;
        unsubscribe();
        resolve();
      });
    });
  return { client, clock, next };
}

/** An endpoint that never responds. */
export const hang: Respond = (signal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/** An endpoint that is throttled once. */
export function throttleOnce(): Respond {
  let isFirst = true;
  return () => {
    const response = isFirst ? wrongCredentials() : issue();
    isFirst = false;
    return response;
  };
}

/** Obtains a token after the wait for the throttle. */
export async function getTokenAfterThrottle({ client, clock, next }: ReturnType<typeof createClient>): Promise<void> {
  const waiting = next('waiting');
  const call = client.getToken();
  await waiting;
  await clock.advance(5_500);
  await call;
}

/** Waits for a call that fails. */
export async function ignoreFailure(call: Promise<unknown>): Promise<unknown> {
  return call.catch((error: unknown) => error);
}

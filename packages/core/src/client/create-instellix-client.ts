import { callerClock, systemClock } from '../clock/system-clock.ts';
import type { InstellixClientOptions } from '../configuration/instellix-client-options.ts';
import { readVariable } from '../configuration/read-variable.ts';
import { resolveConfiguration } from '../configuration/resolve-configuration.ts';
import { TokenEndpoint } from '../endpoint/token-endpoint.ts';
import { EncryptedTokenStore } from '../store/encrypted-token-store.ts';
import { memoryTokenStore } from '../store/memory-token-store.ts';
import { formatTokenEvent } from '../token/format-token-event.ts';
import { SecretReader } from '../token/secret-reader.ts';
import { TokenCache } from '../token/token-cache.ts';
import { TokenEventEmitter } from '../token/token-event-emitter.ts';
import { TokenFetcher } from '../token/token-fetcher.ts';
import { TokenManager } from '../token/token-manager.ts';
import { createApiFetch } from './create-api-fetch.ts';
import type { InstellixClient } from './instellix-client.ts';

/**
 * Creates a client for one credential. Create one and share it: all callers use its token.
 *
 * With `INSTELLIX_DEBUG=1`, every token event is written to stderr.
 *
 * @throws ConfigurationError with every problem of the configuration at once
 * @example
 * ```ts
 * const client = createInstellixClient({ environment: 'sandbox', realm: 'acme' });
 * const response = await client.fetch('/some-resource');
 * ```
 */
export function createInstellixClient(options?: InstellixClientOptions): InstellixClient {
  const { environment, realm, clientId, clock, fetch, onEvent, ...configuration } = resolveConfiguration(options);
  const { tokenRequest, refresh, readSecret } = configuration;
  const { scope, minIntervalMs, timeoutMs, maxWaitMs } = tokenRequest;
  const tokenUrl = environment.tokenUrl.href;
  const subject = `realm ${JSON.stringify(realm)} in environment ${environment.name}`;
  const random = Math.random;

  const events = new TokenEventEmitter(clock, environment.name, realm);
  if (readVariable('INSTELLIX_DEBUG') === '1') events.subscribe((event) => console.error(formatTokenEvent(event)));
  if (onEvent) events.subscribe(onEvent);

  const sharedStore = configuration.store ?? memoryTokenStore({ clock });
  const store = new EncryptedTokenStore(sharedStore, clock, { tokenUrl, realm, clientId, scope }, events);
  const refreshAtFraction = refresh.atFraction - refresh.jitterFraction * random();
  const agePolicy = { refreshAtFraction, expiryMarginMs: refresh.expiryMarginMs };
  const cache = new TokenCache(clock, agePolicy, minIntervalMs);
  const endpoint = new TokenEndpoint({ ...tokenRequest, tokenUrl, subject, clientId, fetch, clock });
  const secrets = new SecretReader(clock, events, readSecret);
  const shared = { clock, store, cache, events, subject };
  const fetcher = new TokenFetcher({ ...shared, endpoint, secrets, random, timeoutMs, minIntervalMs });
  const waitClock = clock === systemClock ? callerClock : clock;
  const tokens = new TokenManager({ ...shared, callerClock: waitClock, fetcher, maxWaitMs });

  const close = async () => {
    await tokens.close();
    events.clear();
  };
  // Functions that need no `this`: `fetch: client.fetch` is how other libraries take it.
  return Object.freeze({
    environment,
    getToken: tokens.getToken.bind(tokens),
    peekToken: tokens.peekToken.bind(tokens),
    fetch: createApiFetch({ apiUrl: environment.apiUrl, subject, tokens, fetch }),
    authorizationHeader: async (tokenOptions) => `Bearer ${(await tokens.getToken(tokenOptions)).value}`,
    status: tokens.status.bind(tokens),
    subscribe: events.subscribe.bind(events),
    close,
    [Symbol.asyncDispose]: close,
  } satisfies InstellixClient);
}

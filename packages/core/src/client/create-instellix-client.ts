import type { InstellixClientOptions } from '../configuration/instellix-client-options.ts';
import { resolveConfiguration } from '../configuration/resolve-configuration.ts';
import { requestToken } from '../endpoint/request-token.ts';
import { memoryTokenStore } from '../store/memory-token-store.ts';
import { TokenVault } from '../store/encrypted-token-store.ts';
import { TokenAcquirer } from '../token/token-acquirer.ts';
import { TokenEventFeed } from '../token/token-event-feed.ts';
import { TokenLifecycle } from '../token/token-lifecycle.ts';
import { createApiFetch } from './api-fetch.ts';
import type { InstellixClient } from './instellix-client.ts';

/**
 * Creates a client for one credential. Create one and share it: it holds the token for everyone.
 *
 * @throws ConfigurationError with every problem of the configuration at once
 * @example
 * ```ts
 * const client = createInstellixClient({ environment: 'sandbox', realm: 'acme' });
 * const response = await client.fetch('/customers');
 * ```
 */
export function createInstellixClient(options?: InstellixClientOptions): InstellixClient {
  const configuration = resolveConfiguration(options);
  const { environment, realm, clock, refresh, store, onEvent } = configuration;
  const feed = new TokenEventFeed(clock, environment.name, realm);
  if (onEvent) feed.subscribe(onEvent);
  const settings = {
    ...configuration,
    ...configuration.tokenRequest,
    tokenUrl: environment.tokenUrl.href,
    subject: `realm ${JSON.stringify(realm)} in environment ${environment.name}`,
    emit: feed.emit.bind(feed),
    random: Math.random,
    agePolicy: { ...refresh, refreshAtFraction: refresh.atFraction - refresh.jitterFraction * Math.random() },
  };
  const vault = new TokenVault(store ?? memoryTokenStore({ clock }), clock, settings, (operation, timedOut) =>
    feed.emit({ type: 'store_failed', operation, timedOut }),
  );
  const acquirer = new TokenAcquirer({
    ...settings,
    vault,
    requestToken: (secret, timeoutMs, signal) => requestToken({ ...settings, timeoutMs }, secret, signal),
  });
  const lifecycle = new TokenLifecycle({ ...settings, acquirer });

  const close = async () => {
    await lifecycle.close();
    feed.clear();
  };
  // Functions that need no `this`: `fetch: client.fetch` is how other libraries take it.
  return Object.freeze({
    environment,
    getToken: lifecycle.getToken.bind(lifecycle),
    peekToken: lifecycle.peekToken.bind(lifecycle),
    fetch: createApiFetch({ ...settings, tokens: lifecycle }),
    status: lifecycle.status.bind(lifecycle),
    subscribe: feed.subscribe.bind(feed),
    close,
    [Symbol.asyncDispose]: close,
  } satisfies InstellixClient);
}

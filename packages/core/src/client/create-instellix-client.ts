import type { InstellixClientOptions } from '../configuration/instellix-client-options.ts';
import { resolveConfiguration } from '../configuration/resolve-configuration.ts';
import { requestToken } from '../endpoint/request-token.ts';
import { memoryTokenStore } from '../store/memory-token-store.ts';
import { TokenVault } from '../store/token-vault.ts';
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
  const { environment, realm, clientId, readSecret, tokenRequest, refresh, clock, fetch, store, onEvent } =
    resolveConfiguration(options);
  const { timeoutMs, minIntervalMs, maxWaitMs, scope } = tokenRequest;
  const tokenUrl = environment.tokenUrl.href;
  const subject = `realm ${JSON.stringify(realm)} in environment ${environment.name}`;
  const feed = new TokenEventFeed(clock, environment.name, realm);
  if (onEvent) feed.subscribe(onEvent);
  const emit = feed.emit.bind(feed);

  const vault = new TokenVault(
    store ?? memoryTokenStore({ clock }),
    clock,
    { tokenUrl, realm, clientId, scope },
    (operation, timedOut) => emit({ type: 'store_failed', operation, timedOut }),
  );
  const settings = { ...tokenRequest, tokenUrl, environmentName: environment.name, realm, clientId, fetch, clock };
  const acquirer = new TokenAcquirer({
    clock,
    vault,
    readSecret,
    requestToken: (secret, limitMs, signal) => requestToken({ ...settings, timeoutMs: limitMs }, secret, signal),
    emit,
    random: Math.random,
    timeoutMs,
    minIntervalMs,
    subject,
  });
  const agePolicy = {
    refreshAtFraction: refresh.atFraction - refresh.jitterFraction * Math.random(),
    expiryMarginMs: refresh.expiryMarginMs,
  };
  const lifecycle = new TokenLifecycle({ clock, vault, acquirer, emit, agePolicy, maxWaitMs, minIntervalMs, subject });

  const close = async () => {
    await lifecycle.close();
    feed.clear();
  };
  // Functions that need no `this`: `fetch: client.fetch` is how other libraries take it.
  return Object.freeze({
    environment,
    getToken: lifecycle.getToken.bind(lifecycle),
    peekToken: lifecycle.peekToken.bind(lifecycle),
    fetch: createApiFetch({ environment, realm, tokens: lifecycle, fetch }),
    status: () => lifecycle.status(),
    subscribe: (listener) => feed.subscribe(listener),
    close,
    [Symbol.asyncDispose]: close,
  } satisfies InstellixClient);
}

import type { Clock } from '../clock/clock.ts';
import { systemClock } from '../clock/system-clock.ts';
import type { Environment } from '../environment/environment.ts';
import { resolveEnvironment } from '../environment/resolve-environment.ts';
import type { TokenStore } from '../store/token-store.ts';
import type { TokenEvent } from '../token/token-event.ts';
import type { InstellixClientOptions } from './instellix-client-options.ts';
import { Problems } from './problems.ts';
import { readClientId } from './read-client-id.ts';
import { readFunction } from './read-function.ts';
import { readObjectWith } from './read-object-with.ts';
import { readRealm } from './read-realm.ts';
import { type RefreshSettings, readRefresh } from './read-refresh.ts';
import { readSettings, rootLabel } from './read-settings.ts';
import { readTokenRequest, type TokenRequestSettings } from './read-token-request.ts';
import { resolveClientSecret } from './resolve-client-secret.ts';
import { orVariable } from './setting.ts';

/** All that a client needs to know, checked and complete; independent of the options that it came from. */
export interface Configuration {
  readonly environment: Environment;
  readonly realm: string;
  readonly clientId: string;
  /** Asked before every token request; rejects with a ConfigurationError when what it reads is no usable secret. */
  readonly readSecret: () => Promise<string>;
  readonly tokenRequest: TokenRequestSettings;
  readonly refresh: RefreshSettings;
  /** Undefined: the client makes a memory store of its own. */
  readonly store: TokenStore | undefined;
  /** Needs no `this`, whatever the given one wants. */
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly onEvent: ((event: TokenEvent) => void) | undefined;
}

const optionKeys = [
  'environment',
  'realm',
  'clientId',
  'clientSecret',
  'store',
  'tokenRequest',
  'refresh',
  'fetch',
  'clock',
  'onEvent',
] as const satisfies readonly (keyof InstellixClientOptions)[];

/**
 * Completes options from the variables and checks them.
 *
 * @throws ConfigurationError with all problems at once
 */
export function resolveConfiguration(options: InstellixClientOptions = {}): Configuration {
  const problems = new Problems();
  const given = readSettings({ value: options, label: rootLabel }, optionKeys, problems);
  const realm = readRealm(orVariable(given.realm, 'INSTELLIX_REALM'), problems);
  const tokenRequest = readTokenRequest(given.tokenRequest, problems);
  const givenFetch = readFunction<typeof fetch>(given.fetch, problems);
  const configuration: Configuration = {
    environment: resolveEnvironment(given.environment, realm, problems),
    realm,
    clientId: readClientId(orVariable(given.clientId, 'INSTELLIX_CLIENT_ID'), tokenRequest.basicEncoding, problems),
    readSecret: resolveClientSecret(given.clientSecret, problems),
    tokenRequest,
    refresh: readRefresh(given.refresh, problems),
    store: readObjectWith<TokenStore>(['read', 'claim', 'commit', 'release', 'remove'], given.store, problems),
    // Looked up at each call, so that instrumentation installed later counts; without `this`, which browsers insist on.
    fetch: (input, init) => (givenFetch ?? globalThis.fetch)(input, init),
    clock: readObjectWith<Clock>(['now', 'monotonic', 'sleep'], given.clock, problems) ?? systemClock,
    onEvent: readFunction(given.onEvent, problems),
  };
  problems.throwIfAny();
  return configuration;
}

import { createInstellixClient, type InstellixClientOptions } from '@instellix/core';
import { func, hasOption, object, optional, readOptions, required } from '@instellix/core/adapter';

import type { FactoryProvider } from '@nestjs/common';
import { copyCoreOptions } from '../client/core-options.ts';
import { getInstellixClientToken, type InstellixClient } from '../client/instellix-client.token.ts';
import { nameValidator } from '../module/check-module-options.ts';
import { createScriptedClient, type TokenScript } from './create-scripted-client.ts';

/** A client for tests that reaches no network. */
export interface ScriptedClientOptions {
  /** The name of the client in whose place it stands. @default the unnamed client */
  readonly name?: string | undefined;
  /**
   * The tokens that are obtained, one after the other, the last one again and again; an error in place of a token is what
   * `getToken` and `fetch` reject with. @default `test-token`
   */
  readonly token?: TokenScript | undefined;
  /** Stands for the API: answers the calls of `client.fetch`, whose requests carry the token; those of an `InstellixHttpService` it does not see. @default one that rejects */
  readonly fetch?: ((request: Request) => Response | Promise<Response>) | undefined;
}

/** A client for tests that calls an emulator which is running already. */
export interface EmulatedClientOptions {
  /** The name of the client in whose place it stands. @default the unnamed client */
  readonly name?: string | undefined;
  /** An emulator, as `startEmulator()` of `@instellix/emulator` returns it, or whatever else knows these of one. */
  readonly emulator: EmulatorAccess;
  /**
   * Further options of the client, as `{ tokenRequest: { minIntervalMs: 0 } }` for an emulator without throttle; another
   * `clientId` and `clientSecret` for another of the emulator's credentials. @default none
   */
  readonly options?: InstellixClientOptions | undefined;
}

/** What must be known of an emulator. */
export interface EmulatorAccess {
  readonly url: string;
  readonly realm: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

const isItem = (value: unknown) => value instanceof Error || (typeof value === 'string' && value !== '');
const scriptedValidator = object<ScriptedClientOptions>({
  name: nameValidator,
  token: optional<TokenScript>('a token, an error, or a list of those', (value) => {
    const script = [value].flat();
    return script.length > 0 && script.every(isItem);
  }),
  fetch: func<NonNullable<ScriptedClientOptions['fetch']>>(),
});
const emulatedValidator = object<EmulatedClientOptions>({
  name: nameValidator,
  emulator: required(
    optional<EmulatorAccess>('an emulator that is running', (value) => typeof value?.url === 'string'),
  ),
  options: optional<InstellixClientOptions>('an object', (value) => typeof value === 'object' && value !== null),
});

/**
 * Provides a client for tests under the injection token of the real one, in place of `InstellixModule`. It is core's own client,
 * with its checks of addresses, its renewals and its errors; only what answers it is not instellix.
 *
 * @throws ConfigurationError when the options are not what they must be
 */
export function provideInstellixClient(
  options: ScriptedClientOptions | EmulatedClientOptions = {},
): FactoryProvider<InstellixClient> {
  const owner = 'provideInstellixClient()';
  const given = hasOption(Object(options), 'emulator')
    ? readOptions(emulatedValidator, options, (read) => read, owner)
    : readOptions(scriptedValidator, options, (read) => read, owner);
  return {
    provide: getInstellixClientToken(given.name),
    useFactory: () => {
      const client = 'emulator' in given ? createEmulatedClient(given) : createScriptedClient(given);
      // Nest asks every provider for its hooks.
      return { ...client, onApplicationShutdown: client.close };
    },
  };
}

function createEmulatedClient({ emulator, options }: EmulatedClientOptions): InstellixClient {
  const { url, realm, clientId, clientSecret } = emulator;
  const own = { environment: { name: 'emulator', apiUrl: url }, realm, clientId, clientSecret };
  return createInstellixClient({ ...own, ...copyCoreOptions(options ?? {}) });
}

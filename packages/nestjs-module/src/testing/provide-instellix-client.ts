import { createInstellixClient } from '@instellix/core';
import { func, object, optional, readOptions } from '@instellix/core/adapter';
import type { FactoryProvider } from '@nestjs/common';
import { getInstellixClientToken, type InstellixClient } from '../client/instellix-client.token.ts';
import { nameValidator } from '../module/instellix-module-options.ts';

/** A token, an error in place of a token, or a list of these. */
export type TokenScript = string | Error | readonly (string | Error)[];

/** The options of {@link provideInstellixClient}. */
export interface FakeClientOptions {
  /** The name of the client that is replaced. @default the unnamed client */
  readonly name?: string | undefined;
  /**
   * The tokens that the client obtains, one after the other; the last one repeats. When it is an error, `getToken` and `fetch` reject
   * with that error. @default `test-token`
   */
  readonly token?: TokenScript | undefined;
  /**
   * Responds to the calls of `client.fetch`, whose requests carry the token. An `InstellixHttpService` does not call it.
   * @default a function that rejects with an error that names the call
   */
  readonly fetch?: ((request: Request) => Response | Promise<Response>) | undefined;
}

const isToken = (value: unknown) => value instanceof Error || (typeof value === 'string' && value !== '');
const validator = object<FakeClientOptions>({
  name: nameValidator,
  token: optional<TokenScript>('a token, an error, or a non-empty list of these', (value) => {
    const script = [value].flat();
    return script.length > 0 && script.every(isToken);
  }),
  fetch: func<NonNullable<FakeClientOptions['fetch']>>(),
});

/**
 * Provides a client for tests under the injection token of the real one. It is core's client, with its URL checks, refreshes and
 * errors, but it makes no network request: `token` replaces the token endpoint, and `fetch` replaces the API.
 *
 * @throws ConfigurationError when the options are wrong
 */
export function provideInstellixClient(options: FakeClientOptions = {}): FactoryProvider<InstellixClient> {
  const given = readOptions(validator, options, (read) => read, 'provideInstellixClient()');
  return {
    provide: getInstellixClientToken(given.name),
    useFactory: () => {
      const client = createFakeClient(given);
      // Nest calls this hook of every provider.
      return { ...client, onApplicationShutdown: client.close };
    },
  };
}

function createFakeClient({ token = 'test-token', fetch: callApi = refuseToCall }: FakeClientOptions): InstellixClient {
  const script = [token].flat();
  let failure: Error | undefined;

  const respondWithToken = (): Response => {
    const next = script.length > 1 ? script.shift() : script[0];
    failure = next instanceof Error ? next : undefined;
    if (failure) return Response.json({ error: 'invalid_request' }, { status: 400 });
    return Response.json({ access_token: next, token_type: 'bearer', expires_in: 300 });
  };
  const client = createInstellixClient({
    // The reserved name shows that it is not a real host. RFC 6761 section 6.4
    environment: { name: 'test', apiUrl: 'https://instellix.invalid/' },
    realm: 'test',
    clientId: 'test',
    clientSecret: 'test',
    tokenRequest: { minIntervalMs: 0 },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      return request.url.endsWith('/oauth2/token') ? respondWithToken() : callApi(request);
    },
  });
  /** Core reports the 400 as an error of its own. The test expects the error of its script. */
  const withScriptedError = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      throw (error as { code?: unknown }).code === 'token_request_refused' && failure ? failure : error;
    }
  };
  const getToken: InstellixClient['getToken'] = (options) => withScriptedError(client.getToken(options));
  return {
    ...client,
    getToken,
    authorizationHeader: async (options) => `Bearer ${(await getToken(options)).value}`,
    fetch: (input, init) => withScriptedError(client.fetch(input, init)),
  };
}

function refuseToCall({ method, url }: Request): never {
  throw new Error(
    `This test client has no API: give provideInstellixClient() a fetch that responds to ${method} ${url}.`,
  );
}

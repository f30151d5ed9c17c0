import { createInstellixClient, type InstellixClient } from '@instellix/core';

/** Tokens, or the errors that come in their place. */
export type TokenScript = string | Error | readonly (string | Error)[];

/** The reserved name says that nothing of it is real. @see https://www.rfc-editor.org/rfc/rfc6761#section-6.4 */
const apiUrl = 'https://instellix.invalid/';

/** Makes a client whose token requests a script answers, and whose API is a function. */
export function createScriptedClient({
  token = 'test-token',
  fetch: answer = refuseToCall,
}: {
  readonly token?: TokenScript | undefined;
  readonly fetch?: ((request: Request) => Response | Promise<Response>) | undefined;
}): InstellixClient {
  const script = [token].flat();
  let failure: Error | undefined;

  const issue = (): Response => {
    const next = script.length > 1 ? script.shift() : script[0];
    failure = next instanceof Error ? next : undefined;
    if (next === undefined || failure) return Response.json({ error: 'invalid_request' }, { status: 400 });
    return Response.json({ access_token: next, token_type: 'bearer', expires_in: 300 });
  };
  const client = createInstellixClient({
    environment: { name: 'test', apiUrl },
    realm: 'test',
    clientId: 'test',
    clientSecret: 'test',
    tokenRequest: { minIntervalMs: 0 },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      return request.url.endsWith('/oauth2/token') ? issue() : answer(request);
    },
  });
  /** Core has made its own error of the refusal; the script knows a better one. */
  const asScripted = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      throw (error as { code?: unknown }).code === 'token_request_refused' && failure ? failure : error;
    }
  };
  const getToken: InstellixClient['getToken'] = (options) => asScripted(client.getToken(options));
  return {
    ...client,
    getToken,
    authorizationHeader: async (options) => `Bearer ${(await getToken(options)).value}`,
    fetch: (input, init) => asScripted(client.fetch(input, init)),
  };
}

function refuseToCall({ method, url }: Request): never {
  throw new Error(`A test client calls nobody: give provideInstellixClient() a fetch that answers ${method} ${url}.`);
}

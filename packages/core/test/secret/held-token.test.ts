import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createInstellixClient, type TokenEvent } from '../../src/index.ts';

const token = 'tokLIVE0123456789abcdef0123456789';

test('a token that is still in use appears in no error and no event when the token endpoint repeats it', async () => {
  const responses = [
    Response.json({ access_token: token, token_type: 'bearer', expires_in: 300 }),
    Response.json({ error: `active_${token}`, error_description: `${token} is active` }, { status: 400 }),
  ];
  const events: TokenEvent[] = [];
  const client = createInstellixClient({
    environment: { apiUrl: 'https://api.test' },
    realm: 'acme',
    clientId: 'id',
    clientSecret: 'secret',
    tokenRequest: { minIntervalMs: 0 },
    onEvent: (event) => events.push(event),
    fetch: async () => responses.shift() ?? Promise.reject(new Error(`no response for ${token}`)),
  });
  await client.getToken();
  const error = await client.getToken({ minValidityMs: 299_999.9 }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'token_request_refused' });
  expect(client.peekToken()?.value).toBe(token);
  const shown = inspect([error, events, client.status()], { depth: null, showHidden: true });
  expect(shown).not.toContain(token);
  await client.close();
});

test('a secret function that fails with the secret that it returned before shows it nowhere', async () => {
  const secret = 'planted-secret-0123456789';
  let calls = 0;
  const events: TokenEvent[] = [];
  const client = createInstellixClient({
    environment: { apiUrl: 'https://api.test' },
    realm: 'acme',
    clientId: 'id',
    clientSecret: () => {
      if (calls++ > 0) throw new Error(`cannot replace ${secret}`);
      return secret;
    },
    tokenRequest: { minIntervalMs: 0 },
    onEvent: (event) => events.push(event),
    fetch: async () => Response.json({ access_token: token, token_type: 'bearer', expires_in: 300 }),
  });
  const rejected = await client.getToken();
  const error = await client.getToken({ rejected }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'configuration_invalid' });
  expect(inspect([error, events], { depth: null, showHidden: true })).not.toContain(secret);
  await client.close();
});

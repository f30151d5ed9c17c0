import { findInstellixError } from '@instellix/core';
import * as undici7 from 'undici7';
import * as undici8 from 'undici8';
import { describe, expect, onTestFinished, test } from 'vitest';
import { reasonsOf, startFixture, verifyRecovery } from '../src/start-fixture.ts';

/** The parts of undici that the tests use. Its own types differ from those of the platform. */
interface Undici {
  readonly Agent: new () => { close(): Promise<void> };
  readonly Request: typeof Request;
  readonly fetch: (
    input: Parameters<typeof fetch>[0],
    init: RequestInit & { dispatcher: unknown },
  ) => Promise<Response>;
}

const versions = [
  ['7', undici7 as unknown as Undici],
  ['8', undici8 as unknown as Undici],
] as const;

describe.each(versions)('undici %s', (_, undici) => {
  /** The usual way to a proxy or to a certificate authority of one's own. */
  function createDispatcherFetch(): typeof fetch {
    const dispatcher = new undici.Agent();
    onTestFinished(() => dispatcher.close());
    return (input, init) => undici.fetch(input, { ...init, dispatcher });
  }

  const fetches = [
    ['the fetch of undici with a dispatcher', createDispatcherFetch],
    ['the fetch of Node', () => fetch],
  ] as const;

  test('recovers from a revocation with a dispatcher', { timeout: 15_000 }, async () => {
    await verifyRecovery(await startFixture({ fetch: createDispatcherFetch() }));
  });

  test.each(fetches)(
    '%s sends a Request that undici made, and resends it after a 401',
    { timeout: 15_000 },
    async (_, create) => {
      const { client, emulator } = await startFixture({ fetch: create() });
      await client.getToken();
      await emulator.tokens.revokeAll();
      const request = new undici.Request(`${emulator.url}/customers`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'Katherine Johnson' }),
      });
      const response = await client.fetch(request);
      expect(response.status).toBe(201);
      expect(await response.json()).toMatchObject({ name: 'Katherine Johnson' });
      expect(await reasonsOf(emulator)).toEqual(['issued', 'token_revoked', 'issued', 'created']);
    },
  );
});

test('the fetch of Node with a dispatcher of another version ends at once, with the remedy', async () => {
  const { fetch: ownFetch } = globalThis;
  const dispatcher = new undici8.Agent();
  onTestFinished(() => dispatcher.close());
  const { client, emulator } = await startFixture({
    fetch: (input, init) => ownFetch(input, { ...init, dispatcher } as RequestInit),
  });
  const error = findInstellixError(await client.getToken().catch((reason: unknown) => reason));
  expect(error).toMatchObject({
    code: 'token_endpoint_unavailable',
    reason: 'UND_ERR_INVALID_ARG',
    retryable: false,
    message: expect.stringContaining('must be of the same version of undici'),
  });
  expect(await emulator.requests.count()).toBe(0);
});

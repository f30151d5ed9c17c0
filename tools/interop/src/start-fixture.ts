import { createInstellixClient, type InstellixClient } from '@instellix/core';
import { type Emulator, startEmulator } from '@instellix/emulator';
import { expect, onTestFinished } from 'vitest';

/** An emulator without a throttle, and a client of it. */
export interface Fixture {
  readonly emulator: Emulator;
  readonly client: InstellixClient;
}

/** Starts a {@link Fixture} for the current test. Vitest closes it when the test has finished, even after a timeout. */
export async function startFixture(options: { readonly fetch?: typeof fetch } = {}): Promise<Fixture> {
  const emulator = await startEmulator({ throttleWindowMs: 0 });
  onTestFinished(() => emulator.close());
  return { emulator, client: createClient(emulator, options) };
}

/** Creates a client of an emulator for the current test. */
export function createClient(emulator: Emulator, options: { readonly fetch?: typeof fetch } = {}): InstellixClient {
  const { url, realm, clientId, clientSecret } = emulator;
  const environment = { apiUrl: url };
  const tokenRequest = { minIntervalMs: 0 };
  const client = createInstellixClient({ environment, realm, clientId, clientSecret, tokenRequest, ...options });
  onTestFinished(() => client.close());
  return client;
}

/** Verifies that calls succeed before and after a revocation, and that the server received exactly the expected requests. */
export async function verifyRecovery({ client, emulator }: Fixture): Promise<void> {
  expect((await client.getToken()).value).not.toBe('');
  expect(await listCustomers(client)).toHaveLength(3);
  await emulator.tokens.revokeAll();
  expect(await listCustomers(client)).toHaveLength(3);
  expect(await reasonsOf(emulator)).toEqual(['issued', 'ok', 'token_revoked', 'issued', 'ok']);
}

async function listCustomers(client: InstellixClient): Promise<readonly unknown[]> {
  const response = await client.fetch('/customers');
  expect(response.status).toBe(200);
  const { customers } = (await response.json()) as { customers: readonly unknown[] };
  return customers;
}

/** What the emulator decided on each request, oldest first. */
export async function reasonsOf({ requests }: Emulator): Promise<readonly string[]> {
  return (await requests.list()).map(({ reason }) => reason);
}

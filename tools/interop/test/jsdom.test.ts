// @vitest-environment jsdom
import { describe, expect, test } from 'vitest';
import { reasonsOf, startFixture, verifyRecovery } from '../src/start-fixture.ts';

describe('in the jsdom environment of Vitest', () => {
  test('the globals are those of jsdom', () => {
    expect(navigator.userAgent).toContain('jsdom');
    expect(new FormData()).toBeInstanceOf(window.FormData);
  });

  test('recovers from a revocation', { timeout: 15_000 }, async () => {
    await verifyRecovery(await startFixture());
  });

  test('resends a POST after a revocation, and obeys a signal of the environment', { timeout: 15_000 }, async () => {
    const { client, emulator } = await startFixture();
    await client.getToken();
    await emulator.tokens.revokeAll();
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ name: 'Katherine Johnson' });
    const response = await client.fetch('/customers', { method: 'POST', headers, body });
    expect(response.status).toBe(201);
    expect(await reasonsOf(emulator)).toEqual(['issued', 'token_revoked', 'issued', 'created']);
    await expect(client.fetch('/customers', { signal: AbortSignal.abort(new Error('left')) })).rejects.toThrow('left');
  });
});

import { type Emulator, startEmulator } from '@instellix/emulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NextMode, NextServer } from '../src/next-server.ts';

const startTimeoutMs = 120_000;
const testTimeoutMs = 60_000;
/** How long a response may take. In development mode, the first request to a route also compiles it. */
const responseTimeoutMs = 25_000;

describe.each<NextMode>(['development', 'production'])('Next.js in %s mode', (mode) => {
  let emulator: Emulator;
  let server: NextServer;

  beforeAll(async () => {
    emulator = await startEmulator({ throttleWindowMs: 0 });
    server = await NextServer.start(mode, emulator.env);
  }, startTimeoutMs);
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await emulator?.close();
  }, startTimeoutMs);

  async function request(path: string, init: RequestInit = {}): Promise<{ status: number; body: string }> {
    const response = await fetch(`${server.url}${path}`, { ...init, signal: AbortSignal.timeout(responseTimeoutMs) });
    return { status: response.status, body: await response.text() };
  }

  test('a page of server components recovers from a revocation', { timeout: testTimeoutMs }, async () => {
    for (let revocations = 0; revocations < 3; revocations++) {
      const { status, body } = await request('/');
      expect(status, server.output).toBe(200);
      expect(body).toContain('3 customers');
      expect(body).toContain('Ada Lovelace');
      await emulator.tokens.revokeAll();
    }
    expect(await emulator.requests.count({ reason: 'issued' })).toBe(3);
  });

  test('a route handler recovers from a revocation', { timeout: testTimeoutMs }, async () => {
    for (let revocations = 0; revocations < 3; revocations++) {
      const { status, body } = await request('/api/customers');
      expect(status, server.output).toBe(200);
      expect(JSON.parse(body)).toHaveProperty('customers.0.name', 'Ada Lovelace');
      await emulator.tokens.revokeAll();
    }
  });

  test('a route handler resends a POST after a revocation', { timeout: testTimeoutMs }, async () => {
    await request('/api/customers');
    await emulator.tokens.revokeAll();
    const { status, body } = await request('/api/customers', {
      method: 'POST',
      body: JSON.stringify({ name: 'Katherine Johnson' }),
    });
    expect(status, server.output).toBe(201);
    expect(JSON.parse(body)).toHaveProperty('name', 'Katherine Johnson');
  });
});

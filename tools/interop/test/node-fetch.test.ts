import nodeFetch from 'node-fetch';
import { test } from 'vitest';
import { startFixture, verifyRecovery } from '../src/start-fixture.ts';

test('recovers from a revocation with node-fetch 3', { timeout: 15_000 }, async () => {
  await verifyRecovery(await startFixture({ fetch: nodeFetch as unknown as typeof fetch }));
});

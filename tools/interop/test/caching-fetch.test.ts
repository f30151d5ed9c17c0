import { expect, test } from 'vitest';
import { startFixture, verifyRecovery } from '../src/start-fixture.ts';

test('recovers from a revocation when `fetch` keeps an unread clone of each response', {
  timeout: 15_000,
}, async () => {
  const clones: Response[] = [];
  const caching: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    clones.push(response.clone());
    return response;
  };
  await verifyRecovery(await startFixture({ fetch: caching }));
  expect(clones).toHaveLength(5);
});

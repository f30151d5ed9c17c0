import { describe, expect, test } from 'vitest';
import { simulateFleet } from './fleet-day.ts';

describe('a fleet that shares a store', { timeout: 60_000 }, () => {
  test.each([1, 10, 100, 1_000])(
    'of %i makes as many token requests as one client does, and is never throttled',
    (clients) => {
      const { tokenRequests, throttled, longestWaitMs } = simulateFleet({ clients, isShared: true, hours: 4 });
      // A token of 300 s is refreshed after 225 s at the earliest.
      expect(tokenRequests).toBeLessThanOrEqual((4 * 3_600) / 225 + 1);
      expect(throttled).toBe(0);
      // Clients wait for the first token only: for its request and one poll.
      expect(longestWaitMs).toBeLessThan(500);
    },
  );

  test('needs about one store operation per client and lifetime', () => {
    const { storeOperationsPerSecond } = simulateFleet({ clients: 1_000, isShared: true, hours: 4 });
    expect(storeOperationsPerSecond).toBeLessThan(1_000 / 225 + 1);
  });
});

describe('the same fleet without a store', { timeout: 60_000 }, () => {
  test('is throttled, and most of it has no token most of the time', () => {
    const { throttled, withoutToken, longestWaitMs } = simulateFleet({ clients: 1_000, isShared: false, hours: 2 });
    expect(throttled).toBeGreaterThan(10_000);
    expect(withoutToken).toBeGreaterThan(0.8);
    expect(longestWaitMs).toBeGreaterThan(600_000);
  });

  test('is not throttled when it is one client', () => {
    const { throttled, tokenRequests } = simulateFleet({ clients: 1, isShared: false, hours: 4 });
    expect([throttled, tokenRequests]).toEqual([
      0,
      simulateFleet({ clients: 1, isShared: true, hours: 4 }).tokenRequests,
    ]);
  });
});

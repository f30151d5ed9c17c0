import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { callListener } from '../../src/token/call-listener.ts';

test('a listener gets its arguments at once', () => {
  const received: unknown[] = [];
  callListener((...given: unknown[]) => void received.push(given), 'a', 1);
  expect(received).toEqual([['a', 1]]);
});

// Vitest fails a run with an unhandled rejection.
test.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('on purpose');
    },
  ],
  ['rejects', () => Promise.reject(new Error('on purpose'))],
  ['rejects with a promise of another realm', () => runInNewContext("Promise.reject(new Error('on purpose'))")],
])('a listener that %s affects nothing', async (_, listener) => {
  callListener(listener);
  await new Promise(setImmediate);
});

import { settleMicrotasks } from '@instellix/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createAccessToken } from '../../src/token/access-token.ts';
import { refreshInBackground } from '../../src/token/refresh-in-background.ts';

test('refreshInBackground rejects the token, and ignores a failed refresh', async () => {
  const unhandled: unknown[] = [];
  const record = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', record);
  onTestFinished(() => void process.off('unhandledRejection', record));
  const rejected = createAccessToken('token', 0, 1);
  const calls: unknown[] = [];
  const getToken = (options: unknown) => {
    calls.push(options);
    return Promise.reject(new Error('failed'));
  };
  refreshInBackground({ getToken }, rejected);
  await settleMicrotasks();
  await settleMicrotasks();
  expect(calls).toEqual([{ rejected }]);
  expect(unhandled).toEqual([]);
});

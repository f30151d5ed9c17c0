import { type AccessToken, memoryTokenStore } from '@instellix/core';
import { expect, test } from 'vitest';
import { observeInstellixClient } from '../../src/index.ts';
import { createClient, getTokenAfterThrottle, ignoreFailure, throttleOnce } from '../create-client.ts';
import { startTelemetry } from '../start-telemetry.ts';

const requestDuration = 'instellix.token.request.duration';
const waitDuration = 'instellix.token.wait.duration';
const remaining = 'instellix.token.remaining';

test('units and descriptions follow the semantic conventions, and no series shows a client id, a secret or a token', async () => {
  const telemetry = startTelemetry();
  const { client, clock, next } = createClient({
    store: { ...memoryTokenStore(), claim: () => Promise.reject(new Error('planted-secret')) },
    respond: throttleOnce(),
  });
  observeInstellixClient(client);
  const obtain = async (rejected?: AccessToken) => {
    const waiting = next('waiting');
    const call = ignoreFailure(client.getToken({ rejected }));
    await waiting;
    await clock.advance(5_500);
    await call;
  };
  await obtain();
  await obtain(client.peekToken());
  const metrics = await telemetry.collect();
  expect(Object.fromEntries(metrics.map(({ descriptor: { name, unit } }) => [name, unit]))).toEqual({
    [requestDuration]: 's',
    [waitDuration]: 's',
    [remaining]: 's',
    'instellix.token.rejections': '{rejection}',
    'instellix.store.failures': '{failure}',
  });
  expect(metrics.every(({ descriptor }) => descriptor.description.endsWith('.'))).toBe(true);
  expect(JSON.stringify(metrics)).not.toMatch(/planted|own-client-id/);
});

test('the buckets of the histograms fit their ranges', async () => {
  const telemetry = startTelemetry();
  const throttled = createClient({ respond: throttleOnce() });
  observeInstellixClient(throttled.client);
  await getTokenAfterThrottle(throttled);
  const [requests] = await telemetry.seriesOf(requestDuration);
  expect([requests?.boundaries?.at(0), requests?.boundaries?.at(-1)]).toEqual([0.005, 10]);
  const [waits] = await telemetry.seriesOf(waitDuration);
  expect([waits?.boundaries?.at(0), waits?.boundaries?.at(-1)]).toEqual([0.05, 30]);
});

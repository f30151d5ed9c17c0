import { memoryTokenStore } from '@instellix/core';
import { describe, expect, test } from 'vitest';
import { observeInstellixClient } from '../../src/index.ts';
import { createClient, ignoreFailure, issue } from '../create-client.ts';
import { startTelemetry } from '../start-telemetry.ts';

const subject = { environment: 'sandbox', realm: 'acme' };

test('instellix.token.rejections counts rejections, and apart from them those that suspend the refresh', async () => {
  const telemetry = startTelemetry();
  let count = 0;
  const { client, clock, next } = createClient({ respond: () => issue(`planted-${++count}`) });
  observeInstellixClient(client);
  let rejected = await client.getToken();
  for (let index = 0; index < 2; index++) {
    const waiting = next('waiting');
    const refresh = client.getToken({ rejected });
    await waiting;
    await clock.advance(5_500);
    rejected = await refresh;
  }
  await ignoreFailure(client.getToken({ rejected }));
  expect(await telemetry.seriesOf('instellix.token.rejections')).toEqual([
    { attributes: { ...subject, refresh_suspended: false }, value: 2 },
    { attributes: { ...subject, refresh_suspended: true }, value: 1 },
  ]);
});

describe('instellix.store.failures', () => {
  test.each([
    ['a code', Object.assign(new Error('the host db7 is down'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    ['a message, which is not repeated', new Error('the disk 4711 is full'), '_OTHER'],
  ])('names %s', async (_, error, type) => {
    const telemetry = startTelemetry();
    const { client } = createClient({ store: { ...memoryTokenStore(), claim: () => Promise.reject(error) } });
    observeInstellixClient(client);
    await client.getToken();
    const [series] = await telemetry.seriesOf('instellix.store.failures');
    expect(series).toEqual({ attributes: { ...subject, operation: 'claim', 'error.type': type }, value: 1 });
  });

  test('names a timeout', async () => {
    const telemetry = startTelemetry();
    let claimed = () => {};
    const claim = new Promise<void>((resolve) => {
      claimed = resolve;
    });
    const { client, clock } = createClient({
      store: {
        ...memoryTokenStore(),
        claim: () => {
          claimed();
          return new Promise(() => {});
        },
      },
    });
    observeInstellixClient(client);
    const call = client.getToken();
    await claim;
    await clock.advance(250);
    await call;
    const [series] = await telemetry.seriesOf('instellix.store.failures');
    expect(series?.attributes).toEqual({ ...subject, operation: 'claim', 'error.type': 'timeout' });
  });
});

import { type AccessToken, memoryTokenStore } from '@instellix/core';
import { settleMicrotasks } from '@instellix/testing';
import { describe, expect, test, vi } from 'vitest';
import { observeInstellixClient } from '../src/index.ts';
import { createClient, hang, ignoreFailure, issue, wrongCredentials } from './create-client.ts';
import { startTelemetry } from './start-telemetry.ts';

const subject = { environment: 'sandbox', realm: 'acme' };
const requestDuration = 'instellix.token.request.duration';
const waitDuration = 'instellix.token.wait.duration';
const remaining = 'instellix.token.remaining';

/** An endpoint that is throttled once. */
function throttleOnce(): () => Response {
  let isFirst = true;
  return () => {
    const response = isFirst ? wrongCredentials() : issue();
    isFirst = false;
    return response;
  };
}

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
  const { client, clock, next } = createClient({ respond: throttleOnce() });
  observeInstellixClient(client);
  const waiting = next('waiting');
  const call = client.getToken();
  await waiting;
  await clock.advance(5_500);
  await call;
  const [requests] = await telemetry.seriesOf(requestDuration);
  expect([requests?.boundaries?.at(0), requests?.boundaries?.at(-1)]).toEqual([0.005, 10]);
  const [waits] = await telemetry.seriesOf(waitDuration);
  expect([waits?.boundaries?.at(0), waits?.boundaries?.at(-1)]).toEqual([0.05, 30]);
});

describe('instellix.token.request.duration', () => {
  test('counts a token request with its duration, and why it was made', async () => {
    const telemetry = startTelemetry();
    const { client, clock, next } = createClient({ respond: () => clock.sleep(120).then(() => issue()) });
    observeInstellixClient(client);
    const requested = next('token_requested');
    const call = client.getToken();
    await requested;
    await clock.advance(120);
    await call;
    expect(await telemetry.seriesOf(requestDuration)).toMatchObject([
      { attributes: { ...subject, outcome: 'obtained', why: 'missing' }, count: 1, sum: 0.12 },
    ]);
  });

  test('counts failures by their code', async () => {
    const telemetry = startTelemetry();
    const { client, clock, next } = createClient({ respond: wrongCredentials });
    observeInstellixClient(client);
    const waiting = next('waiting');
    const call = ignoreFailure(client.getToken());
    await waiting;
    await clock.advance(5_500);
    expect(await call).toMatchObject({ code: 'credentials_rejected' });
    const failed = (code: string) => ({ ...subject, outcome: 'failed', why: 'missing', 'error.type': code });
    const series = await telemetry.seriesOf(requestDuration);
    expect(series.map(({ attributes, count }) => [attributes, count])).toEqual([
      [failed('token_request_throttled'), 1],
      [failed('credentials_rejected'), 1],
    ]);
  });

  test('distinguishes a failed refresh from a failed call', async () => {
    const telemetry = startTelemetry();
    let isDown = false;
    const { client, clock, next } = createClient({
      respond: () => (isDown ? new Response('', { status: 400 }) : issue()),
    });
    observeInstellixClient(client);
    await client.getToken();
    await clock.advance(250_000);
    isDown = true;
    const failed = next('token_request_failed');
    await client.getToken();
    await failed;
    const series = await telemetry.seriesOf(requestDuration);
    const attributes = { ...subject, outcome: 'failed', why: 'stale', 'error.type': 'token_request_refused' };
    expect(series.map((each) => each.attributes)).toContainEqual(attributes);
  });

  test('counts an aborted request as aborted, not as failed', async () => {
    const telemetry = startTelemetry();
    const { client, clock, next } = createClient({ respond: hang });
    observeInstellixClient(client);
    const abort = new AbortController();
    const requested = next('token_requested');
    const call = ignoreFailure(client.getToken({ signal: abort.signal }));
    await requested;
    await clock.advance(2_000);
    abort.abort();
    await call;
    await settleMicrotasks();
    const series = await telemetry.seriesOf(requestDuration);
    expect(series).toMatchObject([{ attributes: { outcome: 'aborted', why: 'missing' }, count: 1, sum: 2 }]);
    expect(series[0]?.attributes).not.toHaveProperty('error.type');
  });

  test('counts an attempt whose secret cannot be read, which has taken no time of the endpoint', async () => {
    const telemetry = startTelemetry();
    const { client } = createClient({ clientSecret: () => Promise.reject(new Error('the vault is sealed')) });
    observeInstellixClient(client);
    await ignoreFailure(client.getToken());
    const [series] = await telemetry.seriesOf(requestDuration);
    expect(series?.attributes).toEqual({ ...subject, outcome: 'failed', 'error.type': 'configuration_invalid' });
    expect([series?.count, series?.sum]).toEqual([1, 0]);
  });

  test('is not negative when the wall clock is set back during a request', async () => {
    const telemetry = startTelemetry();
    const { client, clock, next } = createClient({
      respond: () => clock.sleep(50).then(() => new Response('', { status: 400 })),
    });
    observeInstellixClient(client);
    const requested = next('token_requested');
    const call = ignoreFailure(client.getToken());
    await requested;
    clock.stepWallClock(-60_000);
    await clock.advance(50);
    await call;
    expect(await telemetry.seriesOf(requestDuration)).toMatchObject([{ count: 1, sum: 0 }]);
  });

  test('counts no request for a token that another client has stored', async () => {
    const telemetry = startTelemetry();
    const store = memoryTokenStore();
    const first = createClient({ store });
    const second = createClient({ store });
    observeInstellixClient(second.client);
    await first.client.getToken();
    await second.client.getToken();
    expect(await telemetry.seriesOf(requestDuration)).toEqual([]);
    expect(await telemetry.seriesOf(remaining)).toHaveLength(1);
  });
});

describe('instellix.token.wait.duration', () => {
  test('measures how long the throttle made a client wait', async () => {
    const telemetry = startTelemetry();
    const { client, clock, next } = createClient({ respond: throttleOnce() });
    observeInstellixClient(client);
    const waiting = next('waiting');
    const call = client.getToken();
    await waiting;
    await clock.advance(5_500);
    await call;
    expect(await telemetry.seriesOf(waitDuration)).toMatchObject([
      { attributes: { ...subject, for: 'throttle' }, count: 1, sum: 5.5 },
    ]);
  });

  test('measures a wait whose end the client does not know', async () => {
    const telemetry = startTelemetry();
    const { client, clock, next } = createClient({
      clientSecret: () => clock.sleep(400).then(() => 'planted-secret'),
    });
    observeInstellixClient(client);
    const waiting = next('waiting');
    const call = client.getToken();
    await clock.advance(50);
    await waiting;
    await clock.advance(350);
    await call;
    expect(await telemetry.seriesOf(waitDuration)).toMatchObject([
      { attributes: { ...subject, for: 'secret' }, count: 1, sum: 0.35 },
    ]);
  });

  test.each(['collected', 'not collected'])(
    'does not exceed the wait that was announced, %s after an abort',
    async (when) => {
      const telemetry = startTelemetry();
      const { client, clock, next } = createClient({ respond: throttleOnce() });
      observeInstellixClient(client);
      const abort = new AbortController();
      const waiting = next('waiting');
      const call = ignoreFailure(client.getToken({ signal: abort.signal }));
      await waiting;
      abort.abort();
      await call;
      await settleMicrotasks();
      if (when === 'collected') await telemetry.collect();
      await clock.advance(3_600_000);
      await client.getToken();
      const sums = (await telemetry.seriesOf(waitDuration)).map(({ sum }) => sum);
      expect(sums).toEqual(when === 'collected' ? [] : [5.5]);
    },
  );
});

describe('instellix.token.remaining', () => {
  test('is the time until the token expires, and absent before the first token', async () => {
    const telemetry = startTelemetry();
    const { client } = createClient({ respond: () => issue('planted-token', 100) });
    observeInstellixClient(client);
    expect(await telemetry.seriesOf(remaining)).toEqual([]);
    await client.getToken();
    const [series] = await telemetry.seriesOf(remaining);
    expect(series?.attributes).toEqual(subject);
    expect(series?.value).toBeGreaterThan(60);
    expect(series?.value).toBeLessThanOrEqual(100);
  });

  test('is 0 when the token has expired', async () => {
    const telemetry = startTelemetry();
    const { client, clock } = createClient();
    clock.stepWallClock(-3_600_000);
    observeInstellixClient(client);
    await client.getToken();
    expect(await telemetry.seriesOf(remaining)).toEqual([{ attributes: subject, value: 0 }]);
  });

  test('is 0 after a rejection, until there is a new token', async () => {
    const telemetry = startTelemetry();
    const { client, next } = createClient();
    observeInstellixClient(client);
    const rejected = await client.getToken();
    await telemetry.collect();
    const waiting = next('waiting');
    const refresh = ignoreFailure(client.getToken({ rejected }));
    await waiting;
    expect(await telemetry.seriesOf(remaining)).toEqual([{ attributes: subject, value: 0 }]);
    await client.close();
    await refresh;
  });

  test('is 0 for a closed client, which the next collection releases', async () => {
    const telemetry = startTelemetry();
    const { client } = createClient();
    const status = vi.fn(client.status);
    observeInstellixClient({ ...client, status });
    await client.getToken();
    await telemetry.collect();
    await client.close();
    expect(await telemetry.seriesOf(remaining)).toEqual([{ attributes: subject, value: 0 }]);
    status.mockClear();
    expect(await telemetry.seriesOf(remaining)).toEqual([{ attributes: subject, value: 0 }]);
    expect(status).not.toHaveBeenCalled();
  });
});

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

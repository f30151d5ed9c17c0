import { memoryTokenStore } from '@instellix/core';
import { settleMicrotasks } from '@instellix/testing';
import { describe, expect, test } from 'vitest';
import { observeInstellixClient } from '../../src/index.ts';
import { createClient, hang, ignoreFailure, issue, wrongCredentials } from '../create-client.ts';
import { startTelemetry } from '../start-telemetry.ts';

const subject = { environment: 'sandbox', realm: 'acme' };
const requestDuration = 'instellix.token.request.duration';
const remaining = 'instellix.token.remaining';

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

  test('counts a refresh whose secret cannot be read as a refresh', async () => {
    const telemetry = startTelemetry();
    let isSealed = false;
    const clientSecret = () => (isSealed ? Promise.reject(new Error('the vault is sealed')) : 'planted-secret');
    const { client, clock, next } = createClient({ clientSecret });
    observeInstellixClient(client);
    await client.getToken();
    await clock.advance(250_000);
    isSealed = true;
    const failed = next('token_request_failed');
    await client.getToken();
    await failed;
    const [, series] = await telemetry.seriesOf(requestDuration);
    expect(series?.attributes).toMatchObject({
      outcome: 'failed',
      why: 'stale',
      'error.type': 'configuration_invalid',
    });
  });
});

import { memoryTokenStore, TokenRequestError } from '@instellix/core';
import type { TokenStore } from '@instellix/core/store';
import { describe, expect, test } from 'vitest';
import { observeInstellixClient } from '../../src/index.ts';
import { createClient, getTokenAfterThrottle, ignoreFailure, throttleOnce } from '../create-client.ts';
import { startTelemetry } from '../start-telemetry.ts';

const subject = { environment: 'sandbox', realm: 'acme' };
const waitDuration = 'instellix.token.wait.duration';

describe('instellix.token.wait.duration', () => {
  test('measures how long the throttle made a client wait', async () => {
    const telemetry = startTelemetry();
    const throttled = createClient({ respond: throttleOnce() });
    observeInstellixClient(throttled.client);
    await getTokenAfterThrottle(throttled);
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

  test('ends with an abort', async () => {
    const telemetry = startTelemetry();
    const { client, clock, next } = createClient({ respond: throttleOnce() });
    observeInstellixClient(client);
    const abort = new AbortController();
    const [waiting, aborted] = [next('waiting'), next('token_request_aborted')];
    const call = ignoreFailure(client.getToken({ signal: abort.signal }));
    await waiting;
    await clock.advance(2_000);
    abort.abort();
    await call;
    await aborted;
    await clock.advance(3_600_000);
    await client.getToken();
    expect((await telemetry.seriesOf(waitDuration)).map(({ count, sum }) => [count, sum])).toEqual([[1, 2]]);
  });

  test('ends when no caller waits any more, not with the next call', async () => {
    const telemetry = startTelemetry();
    let claims = 0;
    /** Another client holds the lease for 20 s. */
    const claim: TokenStore['claim'] = async () =>
      clock.monotonic() < 20_000
        ? { outcome: 'wait', because: 'held', waitMs: 1_000 }
        : { outcome: 'granted', fence: ++claims };
    const store: TokenStore = { ...memoryTokenStore(), claim };
    const { client, clock, next } = createClient({ store, tokenRequest: { maxWaitMs: 500 } });
    observeInstellixClient(client);
    const waiting = next('waiting');
    const call = ignoreFailure(client.getToken());
    await waiting;
    await clock.advance(2_000);
    expect(await call).toBeInstanceOf(TokenRequestError);
    await clock.advance(3_600_000);
    await client.getToken();
    const [series, ...others] = await telemetry.seriesOf(waitDuration);
    expect(series).toMatchObject({ attributes: { ...subject, for: 'other_process' }, count: 1 });
    expect(series?.sum).toBeGreaterThan(0.5);
    expect(series?.sum).toBeLessThan(1.5);
    expect(others).toEqual([]);
  });

  test('does not exceed the wait that was announced, such as after a suspend', async () => {
    const telemetry = startTelemetry();
    const { client, clock, next } = createClient({ respond: throttleOnce() });
    observeInstellixClient(client);
    const waiting = next('waiting');
    const call = client.getToken();
    await waiting;
    clock.suspend(3_600_000);
    await clock.advance(5_500);
    await call;
    expect((await telemetry.seriesOf(waitDuration)).map(({ count, sum }) => [count, sum])).toEqual([[1, 5.5]]);
  });
});

import { memoryTokenStore, TokenRequestError } from '@instellix/core';
import type { ClaimResult, TokenStore } from '@instellix/core/store';
import { describe, expect, test } from 'vitest';
import { observeInstellixClient } from '../../src/index.ts';
import {
  createClient,
  getTokenAfterThrottle,
  ignoreFailure,
  issue,
  type Respond,
  throttleOnce,
} from '../create-client.ts';
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

  describe('when a call fails without an event that ends its wait', () => {
    /** A client whose store makes it wait, from its `nth` claim on, until the client's time is up. */
    function createWaitingClient(nth: number, wait: Extract<ClaimResult, { outcome: 'wait' }>, respond?: Respond) {
      let claims = 0;
      const claim: TokenStore['claim'] = async () => {
        claims++;
        const isWaiting = claims >= nth && created.clock.monotonic() < 10_000;
        return isWaiting ? wait : { outcome: 'granted', fence: claims };
      };
      const store: TokenStore = { ...memoryTokenStore(), claim };
      const created = createClient({ store, respond: respond ?? (() => issue()), tokenRequest: { maxWaitMs: 9_000 } });
      return created;
    }

    async function failThenSucceed({ client, clock, next }: ReturnType<typeof createClient>, between = async () => {}) {
      observeInstellixClient(client);
      const waiting = next('waiting');
      const call = ignoreFailure(client.getToken());
      await waiting;
      await clock.advance(10_000);
      expect(await call).toBeInstanceOf(TokenRequestError);
      await between();
      await clock.advance(3_600_000);
      await client.getToken();
    }

    test('does not exceed the wait that was announced', async () => {
      const telemetry = startTelemetry();
      await failThenSucceed(
        createWaitingClient(2, { outcome: 'wait', because: 'closed', waitMs: 60_000 }, throttleOnce()),
      );
      expect((await telemetry.seriesOf(waitDuration)).map(({ count, sum }) => [count, sum])).toEqual([[1, 5.5]]);
    });

    test('leaves out a wait whose end is not known', async () => {
      const telemetry = startTelemetry();
      const waiting = createWaitingClient(1, { outcome: 'wait', because: 'held', waitMs: 1_000 });
      await failThenSucceed(waiting, async () => void (await telemetry.collect()));
      expect(await telemetry.seriesOf(waitDuration)).toEqual([]);
    });
  });
});

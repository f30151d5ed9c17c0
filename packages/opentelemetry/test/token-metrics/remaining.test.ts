import { describe, expect, test, vi } from 'vitest';
import { observeInstellixClient } from '../../src/index.ts';
import { createClient, ignoreFailure, issue } from '../create-client.ts';
import { startTelemetry } from '../start-telemetry.ts';

const subject = { environment: 'sandbox', realm: 'acme' };
const remaining = 'instellix.token.remaining';

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

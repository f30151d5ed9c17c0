import { ConfigurationError, type InstellixClient } from '@instellix/core';
import { diag, type Meter, metrics, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type ObserveInstellixClientOptions, observeInstellixClient } from '../src/index.ts';
import { createClient, hang, ignoreFailure } from './create-client.ts';
import { startTelemetry } from './start-telemetry.ts';

const requestDuration = 'instellix.token.request.duration';

function problemsOf(...given: unknown[]): readonly string[] {
  try {
    observeInstellixClient(...(given as [InstellixClient]));
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).problems;
  }
  return [];
}

describe('arguments', () => {
  const client = () => createClient().client;
  const noClient = /^client must be an object with the methods getToken,/;

  test.each<[string, () => unknown[], (string | RegExp)[]]>([
    ['no arguments', () => [], ['client is missing: set it.']],
    ['a promise of a client', () => [Promise.resolve(client())], [noClient]],
    ['an object that holds a client', () => [{ client: client() }], [/pass the client itself\.$/]],
    ['null as options', () => [client(), null], [/^options must be an object/]],
    ['an unknown option', () => [client(), { meter: metrics.getMeter('x') }], [/^options must .*, not "meter"\.$/]],
    ['a meter', () => [client(), { meterProvider: metrics.getMeter('x') }], [/^meterProvider must be .* getMeter,/]],
    ['a tracer', () => [client(), { tracerProvider: trace.getTracer('x') }], [/^tracerProvider must be .* getTracer,/]],
    ['several faults', () => [null, { meterProvider: 1, tracerProvider: 2 }], [noClient, /^meterP/, /^tracerP/]],
  ])('refuses %s with a ConfigurationError', (_, given, problems) => {
    expect(problemsOf(...given())).toEqual(
      problems.map((problem) => (typeof problem === 'string' ? problem : expect.stringMatching(problem))),
    );
  });

  test('refuses a closed client', async () => {
    const { client } = createClient();
    await client.close();
    expect(problemsOf(client)).toEqual([
      'observeInstellixClient() was called with a closed client: call it before the client is closed.',
    ]);
  });

  test('refuses to observe a client twice, until the first observation has stopped', async () => {
    const telemetry = startTelemetry();
    const { client } = createClient();
    const first = observeInstellixClient(client);
    expect(problemsOf(client)).toEqual([
      expect.stringMatching(/^observeInstellixClient\(\) was called again .* call stop\(\)/),
    ]);
    first.stop();
    const second = observeInstellixClient(client);
    first.stop();
    expect(problemsOf(client)).toHaveLength(1);
    await client.getToken();
    expect(await telemetry.seriesOf(requestDuration)).toMatchObject([{ count: 1 }]);
    second.stop();
  });

  test('reads the options of a frozen object, a class with getters, and a prototype', async () => {
    const { provider, collect } = createMeterProvider();
    class Options implements ObserveInstellixClientOptions {
      get meterProvider() {
        return provider;
      }
    }
    const given = [
      Object.freeze({ meterProvider: provider }),
      new Options(),
      Object.create({ meterProvider: provider }),
    ];
    for (const [index, options] of given.entries()) {
      const { client } = createClient();
      observeInstellixClient(client, options);
      await client.getToken();
      expect(await collect()).toBe(index + 1);
    }
  });
});

function createMeterProvider(views: ViewOptions[] = []) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader], views });
  onTestFinished(() => provider.shutdown());
  const collect = async () => {
    const { resourceMetrics } = await reader.collect();
    const series = resourceMetrics.scopeMetrics[0]?.metrics[0]?.dataPoints ?? [];
    return (series[0]?.value as { count: number } | undefined)?.count;
  };
  return { provider, collect };
}

test('uses the given providers, not the global ones', async () => {
  const telemetry = startTelemetry();
  const { provider: meterProvider, collect } = createMeterProvider();
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const { client } = createClient();
  observeInstellixClient(client, { meterProvider, tracerProvider });
  await client.getToken();
  expect(await collect()).toBe(1);
  expect(exporter.getFinishedSpans()).toHaveLength(1);
  expect([await telemetry.collect(), telemetry.spans()]).toEqual([[], []]);
});

test('a view that throws loses no span and no token', async () => {
  const telemetry = startTelemetry();
  const process = () => {
    throw new Error('planted');
  };
  const views = [{ instrumentName: requestDuration, attributesProcessors: [{ process }] }];
  const { provider: meterProvider } = createMeterProvider(views);
  const { client } = createClient();
  observeInstellixClient(client, { meterProvider });
  expect((await client.getToken()).value).toBe('planted-token');
  expect(telemetry.tokenSpans()).toHaveLength(1);
});

test('several clients are counted together without a warning, and each goes on when another one stops', async () => {
  const telemetry = startTelemetry();
  const warn = vi.fn();
  diag.setLogger({ error: warn, warn, info() {}, debug() {}, verbose() {} });
  onTestFinished(() => diag.disable());
  const [first, second] = [createClient().client, createClient().client];
  const observation = observeInstellixClient(first);
  observeInstellixClient(second);
  await Promise.all([first.getToken(), second.getToken()]);
  observation.stop();
  expect(await telemetry.seriesOf(requestDuration)).toMatchObject([{ count: 2 }]);
  expect(await telemetry.seriesOf('instellix.token.remaining')).toHaveLength(1);
  expect(warn).not.toHaveBeenCalled();
});

test('a client of another copy of core is observed', async () => {
  const telemetry = startTelemetry();
  vi.resetModules();
  const copy = await import('@instellix/core');
  expect(copy.ConfigurationError).not.toBe(ConfigurationError);
  const { client } = createClient({}, copy.createInstellixClient);
  observeInstellixClient(client);
  await client.getToken();
  expect(await telemetry.seriesOf(requestDuration)).toMatchObject([{ count: 1 }]);
});

test('stop() ends the gauge', async () => {
  const telemetry = startTelemetry();
  const { client } = createClient();
  const status = vi.fn(client.status);
  const observation = observeInstellixClient({ ...client, status });
  await client.getToken();
  expect(await telemetry.seriesOf('instellix.token.remaining')).toHaveLength(1);
  observation.stop();
  status.mockClear();
  await telemetry.collect();
  expect(status).not.toHaveBeenCalled();
});

test('stop() ends everything, also the span of a request in progress', async () => {
  const telemetry = startTelemetry();
  const { client, next } = createClient({ respond: hang });
  const observation = observeInstellixClient(client);
  const requested = next('token_requested');
  const call = ignoreFailure(client.getToken());
  await requested;
  expect(telemetry.tokenSpans()).toEqual([]);
  observation.stop();
  observation.stop();
  expect(telemetry.tokenSpans()).toHaveLength(1);
  await client.close();
  await call;
  expect(telemetry.tokenSpans()).toHaveLength(1);
  expect(await telemetry.collect()).toEqual([]);
});

describe('stop() throws nothing and ends the rest', () => {
  const fail = () => {
    throw new Error('planted');
  };

  test('when a meter throws', async () => {
    const telemetry = startTelemetry();
    const { client, next } = createClient({ respond: hang });
    const gauge = { addCallback() {}, removeCallback: fail };
    const meter = new Proxy({}, { get: () => () => gauge });
    const observation = observeInstellixClient(client, { meterProvider: { getMeter: () => meter as Meter } });
    const requested = next('token_requested');
    const call = ignoreFailure(client.getToken());
    await requested;
    observation.stop();
    expect(telemetry.tokenSpans()).toHaveLength(1);
    await client.close();
    await call;
  });

  test('when a span processor throws', async () => {
    const telemetry = startTelemetry();
    const { client, next } = createClient({ respond: hang });
    const processor = { onStart() {}, onEnd: fail, forceFlush: async () => {}, shutdown: async () => {} };
    const tracerProvider = new TracerProvider({ spanProcessors: [processor] });
    const observation = observeInstellixClient(client, { tracerProvider });
    const requested = next('token_requested');
    const call = ignoreFailure(client.getToken());
    await requested;
    observation.stop();
    observation.stop();
    await client.close();
    await call;
    expect(await telemetry.collect()).toEqual([]);
  });

  test('when the unsubscribe function of the client throws', async () => {
    const telemetry = startTelemetry();
    const { client } = createClient();
    const observation = observeInstellixClient({ ...client, subscribe: () => fail });
    await telemetry.collect();
    observation.stop();
    expect(await telemetry.collect()).toEqual([]);
  });
});

test('a span processor that throws affects neither the token nor the next span', async () => {
  startTelemetry();
  const warn = vi.fn();
  diag.setLogger({ error: warn, warn, info() {}, debug() {}, verbose() {} });
  onTestFinished(() => diag.disable());
  const onEnd = vi.fn(() => {
    throw new Error('planted');
  });
  const processor = { onStart() {}, onEnd, forceFlush: async () => {}, shutdown: async () => {} };
  const { client } = createClient({ tokenRequest: { minIntervalMs: 0 } });
  observeInstellixClient(client, { tracerProvider: new TracerProvider({ spanProcessors: [processor] }) });
  await client.getToken({ rejected: await client.getToken() }).catch(() => {});
  expect(onEnd).toHaveBeenCalledTimes(2);
  // The SDK warns when a span is ended twice.
  expect(warn).not.toHaveBeenCalled();
});

import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { onTestFinished } from 'vitest';

/** One series of a metric. */
export interface Series {
  readonly attributes: Record<string, unknown>;
  /** Of a counter and a gauge. */
  readonly value?: number;
  /** Of a histogram. */
  readonly count?: number;
  readonly sum?: number;
  readonly boundaries?: readonly number[];
}

/** Starts the OpenTelemetry SDK of Node, registers it globally, and ends it with the test. */
export function startTelemetry() {
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 3_600_000,
  });
  const exporter = new InMemorySpanExporter();
  const sdk = new NodeSDK({
    autoDetectResources: false,
    metricReaders: [reader],
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    instrumentations: [new UndiciInstrumentation()],
  });
  sdk.start();
  onTestFinished(async () => {
    await sdk.shutdown();
    for (const api of [trace, metrics, context, propagation]) api.disable();
  });

  /** Collects all metrics of this package, with the descriptor of each. */
  async function collect() {
    const { resourceMetrics } = await reader.collect();
    const scope = resourceMetrics.scopeMetrics.find(({ scope }) => scope.name === '@instellix/opentelemetry');
    return scope?.metrics ?? [];
  }

  return {
    collect,
    /** The series of one metric; none when it has not been recorded. */
    async seriesOf(name: string): Promise<Series[]> {
      const metric = (await collect()).find(({ descriptor }) => descriptor.name === name);
      return (metric?.dataPoints ?? []).map(({ attributes, value }) => {
        if (typeof value === 'number') return { attributes, value };
        const {
          count,
          sum = 0,
          buckets,
        } = value as { count: number; sum?: number; buckets?: { boundaries: number[] } };
        return { attributes, count, sum, ...(buckets && { boundaries: buckets.boundaries }) };
      });
    },
    /** The spans that have ended. */
    spans: (): ReadableSpan[] => exporter.getFinishedSpans(),
    tokenSpans: (): ReadableSpan[] =>
      exporter.getFinishedSpans().filter(({ name }) => name === 'instellix.token.request'),
  };
}

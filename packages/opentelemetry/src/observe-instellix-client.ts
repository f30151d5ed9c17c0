import type { InstellixClient } from '@instellix/core';
import { clientValidator, object, readOptions, required, withMethods } from '@instellix/core/adapter';
import { type MeterProvider, metrics, type TracerProvider, trace } from '@opentelemetry/api';
import { TokenMetrics } from './token-metrics.ts';
import { TokenRequestSpans } from './token-request-spans.ts';

/** Where {@link observeInstellixClient} sends what it measures. */
export interface ObserveInstellixClientOptions {
  /** Where the metrics go. @default the global one, which must be registered before */
  readonly meterProvider?: MeterProvider | undefined;
  /** Where the spans go. @default the global one */
  readonly tracerProvider?: TracerProvider | undefined;
}

/** What {@link observeInstellixClient} returns. */
export interface TokenObservation {
  /** Ends the observation: removes the listener and the gauge, and ends the span of a request in progress. Harmless twice. */
  stop(): void;
}

const argumentsValidator = object({
  client: required(clientValidator),
  options: object<ObserveInstellixClientOptions>({
    meterProvider: withMethods<MeterProvider>('getMeter'),
    tracerProvider: withMethods<TracerProvider>('getTracer'),
  }),
});

const instrumentationName = '@instellix/opentelemetry';
const observations = new WeakMap<InstellixClient, TokenObservation>();

/**
 * Measures the token of a client: metrics, and a span for each token request. Nothing else of the client changes. Call it once for each
 * client, after the OpenTelemetry SDK has started: what comes before is not measured. A client that is closed is no longer observed.
 *
 * @throws ConfigurationError for arguments that cannot work, and for a client that is closed or already observed
 * @example
 * ```ts
 * const observation = observeInstellixClient(client);
 * ```
 */
export function observeInstellixClient(
  client: InstellixClient,
  options: ObserveInstellixClientOptions = {},
): TokenObservation {
  const { meterProvider, tracerProvider } = readOptions(argumentsValidator, { client, options }, (given, problems) => {
    if (problems.length === 0) problems.push(...findProblems(client));
    return given.options;
  });
  const meter = (meterProvider ?? metrics).getMeter(instrumentationName);
  const tracer = (tracerProvider ?? trace).getTracer(instrumentationName);

  const tokenMetrics = new TokenMetrics(meter, client, stop);
  const spans = new TokenRequestSpans(tracer);
  // Two listeners, so that metrics that throw, such as in a view of the application, leave no span open.
  const unsubscribers = [
    client.subscribe((event) => tokenMetrics.record(event)),
    client.subscribe((event) => spans.record(event)),
  ];

  function stop(): void {
    if (observations.get(client) === observation) observations.delete(client);
    for (const end of [...unsubscribers, () => tokenMetrics.stop(), () => spans.stop()]) {
      try {
        end();
      } catch {
        // Span processors and meters of the application may throw. Each part ends all the same.
      }
    }
  }
  const observation: TokenObservation = { stop };
  observations.set(client, observation);
  return observation;
}

function findProblems(client: InstellixClient): string[] {
  if (client.status().state === 'closed')
    return ['observeInstellixClient() was called with a closed client: call it before the client is closed.'];
  if (!observations.has(client)) return [];
  return [
    'observeInstellixClient() was called again for a client that it already observes, and would count it twice: leave out one of the calls, or call stop() of the first observation before.',
  ];
}

import type { InstellixClient } from '@instellix/core';
import {
  type ObserveInstellixClientOptions,
  observeInstellixClient,
  type TokenObservation,
} from '@instellix/opentelemetry';
import { metrics, trace } from '@opentelemetry/api';

export function use(client: InstellixClient): TokenObservation {
  const meterProvider = metrics.getMeterProvider();
  const options: ObserveInstellixClientOptions = { meterProvider, tracerProvider: trace.getTracerProvider() };
  // @ts-expect-error: not an option.
  observeInstellixClient(client, { meter: meterProvider });
  return observeInstellixClient(client, options);
}

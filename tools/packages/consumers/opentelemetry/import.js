import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createInstellixClient } from '@instellix/core';
import { observeInstellixClient } from '@instellix/opentelemetry';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { startTokenServer } from './token-server.cjs';

const { server, url } = await startTokenServer();
const client = createInstellixClient({ environment: { apiUrl: url }, realm: 'r', clientId: 'c', clientSecret: 's' });
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const meterProvider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
const observation = observeInstellixClient(client, { meterProvider });
await client.getToken();
await meterProvider.forceFlush();
const names = exporter.getMetrics()[0].scopeMetrics[0].metrics.map(({ descriptor }) => descriptor.name);
assert.deepEqual(names.sort(), ['instellix.token.remaining', 'instellix.token.request.duration']);
observation.stop();
for (const file of ['prometheus/instellix-alerts.yml', 'grafana/instellix-dashboard.json']) {
  assert.ok(
    readFileSync(`node_modules/@instellix/opentelemetry/${file}`, 'utf8').includes('instellix_token_rejections'),
  );
}
await meterProvider.shutdown();
await client.close();
server.closeAllConnections();
server.close();

import { fileURLToPath } from 'node:url';
import { startService } from '@instellix/testing/servers';
import { expect, test } from 'vitest';
import { startRecorder } from './start-recorder.ts';

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
}

const folder = fileURLToPath(new URL('.', import.meta.url));
/** `SPAN_KIND_CLIENT` of OTLP. */
const clientKind = 3;
const traceId = '0af7651916cd43dd8448eb211c80319c';
const callerSpanId = 'b7ad6b7169203331';

/** Runs the service for one request of a caller that is traced, and returns what was exported and what the API received. */
async function traceOneRequest() {
  const collector = await startRecorder(() => ({}));
  const token = { access_token: 'planted-token', token_type: 'bearer', expires_in: 300 };
  const api = await startRecorder((path) => (path.endsWith('/oauth2/token') ? token : { customers: [] }));
  await using service = await startService({
    args: ['--conditions=@instellix/source', '--import', './telemetry.ts', 'service.ts'],
    folder,
    env: {
      INSTELLIX_API_URL: api.url,
      INSTELLIX_REALM: 'acme',
      INSTELLIX_CLIENT_ID: 'own-client-id',
      INSTELLIX_CLIENT_SECRET: 'planted-secret',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    },
    readyPath: '/health',
  });
  const headers = { traceparent: `00-${traceId}-${callerSpanId}-01` };
  expect(await service.read('/customers', { headers })).toMatchObject({ status: 200, body: '{"customers":[]}' });
  expect(await service.stop(), service.output()).toBe(0);
  const bodiesOf = (path: string) =>
    collector.requests.filter((request) => request.path === path).map(({ body }) => body);
  return { api, traces: bodiesOf('/v1/traces'), metrics: bodiesOf('/v1/metrics') };
}

function readSpans(traces: readonly string[]): OtlpSpan[] {
  return traces
    .flatMap((body) => JSON.parse(body).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans)
    .filter((span) => span.traceId === traceId);
}

test('one trace leads from the caller through Express, client and token request to the API, and OTLP exports it', async () => {
  const { api, traces, metrics } = await traceOneRequest();
  const spans = readSpans(traces);
  const parentOf = (span: OtlpSpan | undefined) => spans.find(({ spanId }) => spanId === span?.parentSpanId);
  const pathTo = (span: OtlpSpan | undefined): string[] => (span ? [...pathTo(parentOf(span)), span.name] : []);

  // No gap: only the first span has a parent that is not among them, the span of the caller.
  expect(spans.filter((span) => !parentOf(span)).map(({ parentSpanId }) => parentSpanId)).toEqual([callerSpanId]);
  const client = spans.filter(({ kind }) => kind === clientKind);
  expect(client.map(pathTo)).toEqual([
    ['GET /customers', 'request handler', 'instellix.token.request', 'POST'],
    ['GET /customers', 'request handler', 'GET'],
  ]);
  // One traceparent for each request, which names the span of that request.
  const sent = api.requests.map(({ rawHeaders }) => rawHeaders.filter((_, i) => rawHeaders[i - 1] === 'traceparent'));
  expect(sent).toEqual(client.map(({ spanId }) => [`00-${traceId}-${spanId}-01`]));

  const exported = metrics
    .flatMap((body) => JSON.parse(body).resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .filter(({ scope }) => scope.name === '@instellix/opentelemetry')
    .flatMap((each) => each.metrics);
  expect(exported).toMatchObject([
    { name: 'instellix.token.request.duration', unit: 's', histogram: { dataPoints: [{ count: 1 }] } },
    { name: 'instellix.token.remaining', unit: 's', gauge: { dataPoints: [{ asDouble: 0 }] } },
  ]);
  expect([...traces, ...metrics].join()).not.toMatch(/planted|own-client-id/);
}, 60_000);

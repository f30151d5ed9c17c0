import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { expect, test } from 'vitest';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const get = rawRequest('GET /api/items', [`traceparent: ${traceparent}`, 'tracestate: a=b']);

test('forwards the trace headers of the caller, unless the HTTP client of the service adds its own', async () => {
  const fixture = await ProxyFixture.start();
  await fixture.exchange(get);

  const provider = new NodeTracerProvider();
  provider.register();
  const instrumentation = new UndiciInstrumentation();
  instrumentation.setTracerProvider(provider);
  await fixture.exchange(get);
  instrumentation.disable();
  await provider.shutdown();

  const [plain, instrumented] = fixture.upstream.arrivals;
  expect([plain?.header('traceparent'), plain?.header('tracestate')]).toEqual([traceparent, 'a=b']);
  const own = instrumented?.headers.filter(([name]) => name === 'traceparent');
  expect(own).toEqual([['traceparent', expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-01$/)]]);
  expect(own?.[0]?.[1]).not.toBe(traceparent);
  expect(instrumented?.header('tracestate')).toBeUndefined();
});

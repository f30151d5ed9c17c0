import { createInstellixClient, type InstellixClient } from '@instellix/core';
import { type Emulator, startEmulator } from '@instellix/emulator';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { describe, expect, onTestFinished, test } from 'vitest';
import { observeInstellixClient } from '../src/index.ts';
import { createClient, hang, ignoreFailure, issue } from './create-client.ts';
import { startTelemetry } from './start-telemetry.ts';

/** Makes a call in a span of its own, as a handler of a service does. Returns the span's context. */
function inSpan(name: string, act: () => Promise<unknown>) {
  return trace.getTracer('service').startActiveSpan(name, async (span) => {
    await act();
    expect(trace.getActiveSpan()).toBe(span);
    span.end();
    return span.spanContext();
  });
}

async function startClient(): Promise<{ emulator: Emulator; client: InstellixClient }> {
  const emulator = await startEmulator({ throttleWindowMs: 0 });
  const { url, realm, clientId, clientSecret } = emulator;
  const tokenRequest = { minIntervalMs: 10 };
  const client = createInstellixClient({ environment: { apiUrl: url }, realm, clientId, clientSecret, tokenRequest });
  onTestFinished(async () => {
    await client.close();
    await emulator.close();
  });
  return { emulator, client };
}

describe('a token request that a call waits for', () => {
  test('is a child of the call, linked to it, and the parent of the HTTP request', async () => {
    const telemetry = startTelemetry();
    const { client } = await startClient();
    observeInstellixClient(client);
    const call = await inSpan('call', () => client.fetch('/customers'));
    const [post, request, get] = telemetry.spans();
    expect(telemetry.spans().map(({ name }) => name)).toEqual(['POST', 'instellix.token.request', 'GET', 'call']);
    expect(request?.parentSpanContext?.spanId).toBe(call.spanId);
    expect(request?.links.map(({ context }) => context.spanId)).toEqual([call.spanId]);
    expect(request?.kind).toBe(SpanKind.INTERNAL);
    expect(request?.attributes).toEqual({
      environment: 'custom',
      realm: 'local',
      why: 'missing',
      attempt: 1,
      outcome: 'obtained',
    });
    expect(post?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
    expect(get?.parentSpanContext?.spanId).toBe(call.spanId);
  });

  test('has one span for each attempt, all of them children of the call', async () => {
    const telemetry = startTelemetry();
    const { emulator, client } = await startClient();
    observeInstellixClient(client);
    await emulator.faults.add({ on: 'token', times: 2, respond: { status: 503 } });
    const call = await inSpan('call', () => client.getToken());
    const spans = telemetry.tokenSpans();
    expect(spans.map(({ attributes }) => [attributes['attempt'], attributes['outcome']])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'obtained'],
    ]);
    expect(spans.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(Array(3).fill(call.spanId));
    expect(spans[0]?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'token_endpoint_unavailable' });
    expect(spans[0]?.attributes).toMatchObject({
      'error.type': 'token_endpoint_unavailable',
      'http.response.status_code': 503,
    });
    const requests = telemetry.spans().filter(({ name }) => name === 'POST');
    expect(requests.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(
      spans.map((span) => span.spanContext().spanId),
    );
  });

  test('belongs to the call that has started it, whatever other calls wait for it', async () => {
    const telemetry = startTelemetry();
    const { client } = await startClient();
    observeInstellixClient(client);
    const calls = await Promise.all(['first', 'second'].map((name) => inSpan(name, () => client.fetch('/customers'))));
    const [request, ...others] = telemetry.tokenSpans();
    expect(others).toEqual([]);
    expect(request?.parentSpanContext?.spanId).toBe(calls[0]?.spanId);
    const gets = telemetry.spans().filter(({ name }) => name === 'GET');
    expect(gets.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(calls.map(({ spanId }) => spanId));
  });

  test('is a root without a link when no span is active', async () => {
    const telemetry = startTelemetry();
    const { client } = await startClient();
    observeInstellixClient(client);
    await client.getToken();
    const [request] = telemetry.tokenSpans();
    expect([request?.parentSpanContext, request?.links]).toEqual([undefined, []]);
  });
});

test('a token request inside of another one is its child, such as that of a client for a gateway in between', async () => {
  const telemetry = startTelemetry();
  const inner = createClient({ realm: 'gateway' });
  const outer = createClient({ respond: () => inner.client.getToken().then(() => issue()) });
  for (const { client } of [inner, outer]) observeInstellixClient(client);
  await outer.client.getToken();
  const [ofInner, ofOuter] = telemetry.tokenSpans();
  expect(ofInner?.attributes['realm']).toBe('gateway');
  expect(ofInner?.parentSpanContext?.spanId).toBe(ofOuter?.spanContext().spanId);
});

test('a refresh in the background is a trace of its own, linked to the call that has started it', async () => {
  const telemetry = startTelemetry();
  const active: unknown[] = [];
  const { client, clock, next } = createClient({
    respond: () => {
      active.push(trace.getActiveSpan()?.spanContext().spanId);
      return issue();
    },
  });
  observeInstellixClient(client);
  await client.getToken();
  await clock.advance(250_000);
  const obtained = next('token_obtained');
  const call = await inSpan('call', () => client.getToken());
  await obtained;
  const [, refresh] = telemetry.tokenSpans();
  expect(refresh?.attributes['why']).toBe('stale');
  expect(refresh?.parentSpanContext).toBeUndefined();
  expect(refresh?.spanContext().traceId).not.toBe(call.traceId);
  expect(refresh?.links.map(({ context }) => context)).toEqual([call]);
  expect(active[1]).toBe(refresh?.spanContext().spanId);
});

test('an aborted request ends its span without an error', async () => {
  const telemetry = startTelemetry();
  const { client, next } = createClient({ respond: hang });
  observeInstellixClient(client);
  const requested = next('token_requested');
  const call = ignoreFailure(client.getToken());
  await requested;
  await client.close();
  await call;
  const [request] = telemetry.tokenSpans();
  expect(request?.attributes['outcome']).toBe('aborted');
  expect(request?.status.code).toBe(SpanStatusCode.UNSET);
});

test('a failure names its cause, and shows no secret', async () => {
  const telemetry = startTelemetry();
  const refused = { error: 'invalid_scope', error_description: 'planted-secret' };
  const { client } = createClient({ respond: () => Response.json(refused, { status: 400 }) });
  observeInstellixClient(client);
  await ignoreFailure(client.getToken());
  const [request] = telemetry.tokenSpans();
  expect(request?.status.message).toBe('invalid_scope');
  expect(JSON.stringify([request?.attributes, request?.status, request?.events])).not.toContain('planted');
});

test('without context.attach, which older versions of the API lack, the HTTP request is a child of the call', async () => {
  const telemetry = startTelemetry();
  Object.defineProperty(context, 'attach', { value: undefined, configurable: true });
  onTestFinished(() => void Reflect.deleteProperty(context, 'attach'));
  const { client } = await startClient();
  observeInstellixClient(client);
  const call = await inSpan('call', () => client.getToken());
  const [post, request] = telemetry.spans();
  expect([post?.name, post?.parentSpanContext?.spanId]).toEqual(['POST', call.spanId]);
  expect(request?.parentSpanContext?.spanId).toBe(call.spanId);
});

test('the context of the request is over for everything that follows it', async () => {
  const telemetry = startTelemetry();
  const seen: unknown[] = [];
  const { client } = createClient({
    fetch: async () => {
      seen.push(trace.getActiveSpan()?.spanContext().spanId);
      return issue();
    },
  });
  observeInstellixClient(client);
  expect(trace.getActiveSpan()).toBeUndefined();
  await client.getToken();
  expect(trace.getActiveSpan()).toBeUndefined();
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(trace.getActiveSpan()).toBeUndefined();
  expect(seen).toEqual([telemetry.tokenSpans()[0]?.spanContext().spanId]);
});

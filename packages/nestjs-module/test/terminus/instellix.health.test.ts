import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { describe, expect, test } from 'vitest';
import { getInstellixClientToken, InstellixClient, InstellixModule } from '../../src/index.ts';
import { InstellixHealthIndicator, type InstellixHealthOptions } from '../../src/terminus/index.ts';
import { boot, listen } from '../application.ts';
import { emulate, optionsFor, unreachable } from '../credentials.ts';

function createHealthController(options?: InstellixHealthOptions) {
  @Controller()
  class HealthController {
    readonly health: HealthCheckService;
    readonly instellix: InstellixHealthIndicator;
    constructor(health: HealthCheckService, instellix: InstellixHealthIndicator) {
      this.health = health;
      this.instellix = instellix;
    }
    @Get('health')
    @HealthCheck()
    check() {
      return this.health.check([() => this.instellix.isHealthy('instellix', options)]);
    }
  }
  return { imports: [TerminusModule], controllers: [HealthController], providers: [InstellixHealthIndicator] };
}

async function start(instellix: ReturnType<typeof InstellixModule.forRoot>, options?: InstellixHealthOptions) {
  const { imports, ...health } = createHealthController(options);
  const { application, url } = await listen({ imports: [instellix, ...imports], ...health });
  const probe = async () => {
    const response = await fetch(`${url}/health`);
    return { status: response.status, body: (await response.json()) as { status: string; details: object } };
  };
  return { application, probe };
}

describe('a probe', () => {
  test('of a cold client obtains the first token, once; later ones cost nothing', async () => {
    const emulator = await emulate();
    // Longer than a check waits unless it is told to.
    await emulator.faults.add({ on: 'token', delayMs: 1_000 });
    const { probe } = await start(InstellixModule.forRoot(optionsFor(emulator)), { timeoutMs: 20_000 });
    const probes = await Promise.all(Array.from({ length: 20 }, probe));
    for (const { status, body } of [...probes, await probe()]) {
      expect(status).toBe(200);
      expect(body.details).toMatchObject({ instellix: { status: 'up', condition: 'healthy', state: 'fresh' } });
    }
    expect(await emulator.requests.count({ endpoint: 'token' })).toBe(1);
    expect(await emulator.requests.count()).toBe(1);
  });

  test('of a client that gets no token answers 503 with the code, in bounded time', async () => {
    const { probe } = await start(
      InstellixModule.forRoot({ ...unreachable, tokenRequest: { maxWaitMs: 100, minIntervalMs: 0 } }),
    );
    const { status, body } = await probe();
    expect(status).toBe(503);
    expect(body.details).toMatchObject({
      instellix: { status: 'down', condition: 'failing', lastError: { code: 'token_endpoint_unavailable' } },
    });
    expect(JSON.stringify(body)).not.toContain('planted');
  });

  test('ends although the token does not come', async () => {
    const emulator = await emulate();
    await emulator.faults.add({ on: 'token', socket: 'hang' });
    const { probe } = await start(InstellixModule.forRoot(optionsFor(emulator)), { timeoutMs: 10 });
    expect((await probe()).body.details).toMatchObject({ instellix: { status: 'down', condition: 'starting' } });
  });

  test('of a named client looks at that one, also when it is not global', async () => {
    const emulator = await emulate();
    const named = InstellixModule.forRoot({ ...optionsFor(emulator), name: 'billing', isGlobal: false });
    const { application, probe } = await start(named, { name: 'billing' });
    await application.get(getInstellixClientToken('billing'), { strict: false }).getToken();
    expect((await probe()).body.details).toMatchObject({ instellix: { status: 'up' } });
  });

  test('of a client that lives on its last token says degraded, and 200', async () => {
    const emulator = await emulate({ throttleWindowMs: 0 });
    const { application, probe } = await start(
      InstellixModule.forRoot({
        ...optionsFor(emulator),
        refresh: { atFraction: 1e-9, jitterFraction: 0 },
        tokenRequest: { minIntervalMs: 0 },
      }),
    );
    const client = application.get(InstellixClient);
    await client.getToken();
    await emulator.faults.add({ on: 'token', respond: { status: 503 } });
    while (client.status().lastError === undefined) {
      client.peekToken();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const { status, body } = await probe();
    expect([status, body.status]).toEqual([200, 'degraded']);
    expect(body.details).toMatchObject({ instellix: { status: 'degraded', condition: 'degraded' } });
  });

  test('of a closed client is down', async () => {
    const { application, probe } = await start(InstellixModule.forRoot(unreachable));
    await application.get(InstellixClient).close();
    expect((await probe()).body.details).toMatchObject({ instellix: { status: 'down', condition: 'closed' } });
  });
});

test('Terminus 11, which knows no degraded, is told up with the condition', async () => {
  const application = await boot({ imports: [InstellixModule.forRoot(unreachable), TerminusModule] });
  const eleven = { check: (key: string) => ({ up: (data: object) => ({ [key]: { ...data, status: 'up' } }) }) };
  const client = { getToken() {}, status: () => ({ state: 'stale', refreshing: true, lastError: { code: 'x' } }) };
  const moduleRef = { get: () => client };
  const indicator = new InstellixHealthIndicator(eleven as never, moduleRef as never);
  expect(await indicator.isHealthy('instellix')).toMatchObject({ instellix: { status: 'up', condition: 'degraded' } });
  await application.close();
});

test('a name that nobody registers is a mistake, not a bad day of instellix', async () => {
  const health = createHealthController();
  const application = await boot({ imports: health.imports, providers: [InstellixHealthIndicator] });
  const indicator = application.get(InstellixHealthIndicator);
  await expect(indicator.isHealthy('instellix', { name: 'nobody' })).rejects.toThrow('InstellixClient(nobody)');
});

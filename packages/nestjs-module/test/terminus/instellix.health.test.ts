import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService, HealthIndicatorService, TerminusModule } from '@nestjs/terminus';
import { describe, expect, test } from 'vitest';
import { getInstellixClientToken, InstellixClient, InstellixModule } from '../../src/index.ts';
import { InstellixHealthIndicator, type InstellixHealthOptions } from '../../src/terminus/index.ts';
import { boot, listen, problemsOf } from '../application.ts';
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

describe('a check', () => {
  test('of a client without a token makes the first token request; later checks make none', async () => {
    const emulator = await emulate();
    // Longer than the default timeout of a check.
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

  test('of a client that gets no token responds with 503 and the code, in bounded time', async () => {
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

  test('ends when the token request does not', async () => {
    const emulator = await emulate();
    await emulator.faults.add({ on: 'token', socket: 'hang' });
    const { probe } = await start(InstellixModule.forRoot(optionsFor(emulator)), { timeoutMs: 10 });
    expect((await probe()).body.details).toMatchObject({ instellix: { status: 'down', condition: 'starting' } });
  });

  test('of a named client checks that client, also when it is not global', async () => {
    const emulator = await emulate();
    const named = InstellixModule.forRoot({ ...optionsFor(emulator), name: 'billing', isGlobal: false });
    const { application, probe } = await start(named, { name: 'billing' });
    await application.get(getInstellixClientToken('billing'), { strict: false }).getToken();
    expect((await probe()).body.details).toMatchObject({ instellix: { status: 'up' } });
  });

  test('of a client whose held token cannot be refreshed responds with 200, degraded', async () => {
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
    // Terminus 11 has no such status.
    const session = application.get(HealthIndicatorService, { strict: false }).check('instellix');
    const degraded = 'degraded' in session ? 'degraded' : undefined;
    expect([status, body.status]).toEqual([200, degraded ?? 'ok']);
    expect(body.details).toMatchObject({ instellix: { status: degraded ?? 'up', condition: 'degraded' } });
  });

  test('reads its options from an instance of a class with getters', async () => {
    class Options {
      timeoutMs = 100;
      get name() {
        return 'billing';
      }
    }
    const billing = InstellixModule.forRoot({ ...unreachable, name: 'billing' });
    const { imports, providers } = createHealthController();
    const application = await boot({ imports: [billing, ...imports], providers });
    const indicator = application.get(InstellixHealthIndicator);
    await application.get(getInstellixClientToken('billing')).close();
    expect(await indicator.isHealthy('instellix', new Options())).toMatchObject({ instellix: { condition: 'closed' } });
    const wrong = Object.assign(new Options(), { timeoutMs: -1 });
    expect(await problemsOf(() => indicator.isHealthy('instellix', wrong))).toHaveLength(1);
    expect(
      await problemsOf(() => indicator.isHealthy('instellix', { name: 'billing', timeout: 1 } as object)),
    ).toHaveLength(1);
  });

  test('of a closed client is down', async () => {
    const { application, probe } = await start(InstellixModule.forRoot(unreachable));
    await application.get(InstellixClient).close();
    expect((await probe()).body.details).toMatchObject({ instellix: { status: 'down', condition: 'closed' } });
  });
});

describe('is a ConfigurationError, not an unhealthy client:', () => {
  const health = createHealthController();
  const start = () =>
    boot({ imports: [InstellixModule.forRoot(unreachable), ...health.imports], providers: health.providers });

  test.each<[string, unknown, RegExp]>([
    ['null', null, /^isHealthy\(\): options must be an object/],
    ['a string', 'billing', /^isHealthy\(\): options must be an object/],
    ['an empty name', { name: '' }, /^isHealthy\(\): name must be a non-empty string/],
    ['null as a name', { name: null }, /^isHealthy\(\): name must be a non-empty string/],
    ['a number as a name', { name: 5 }, /^isHealthy\(\): name must be a non-empty string/],
    ['a timeout that is no number', { timeoutMs: '1' }, /^isHealthy\(\): timeoutMs must be a number/],
    ['a name that no module registers', { name: 'unknown' }, /provides client "unknown": import InstellixModule/],
  ])('%s', async (_, options, problem) => {
    const indicator = (await start()).get(InstellixHealthIndicator);
    const check = () => indicator.isHealthy('instellix', options as InstellixHealthOptions);
    expect(await problemsOf(check)).toEqual([expect.stringMatching(problem)]);
  });

  test('a missing unnamed client', async () => {
    const application = await boot({ imports: health.imports, providers: health.providers });
    const indicator = application.get(InstellixHealthIndicator);
    expect(await problemsOf(() => indicator.isHealthy('instellix'))).toEqual([
      expect.stringContaining('provides the unnamed client: import InstellixModule.forRoot()'),
    ]);
  });
});

import { createInstellixClient } from '@instellix/core';
import { Injectable, Logger, Module, type OnModuleInit } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { getInstellixClientToken, InstellixClient, InstellixModule } from '../../src/index.ts';
import { boot, createLogRecorder, listen } from '../application.ts';
import { emulate, optionsFor, unreachable } from '../credentials.ts';

afterEach(() => {
  vi.useRealTimers();
  Logger.overrideLogger(false);
});

vi.mock('@instellix/core', { spy: true });

const impatient = { tokenRequest: { maxWaitMs: 300, timeoutMs: 300, minIntervalMs: 0 } };

describe('a client that is', () => {
  test('not eager requests nothing until it is called', async () => {
    const emulator = await emulate();
    const { application } = await listen({ imports: [InstellixModule.forRoot(optionsFor(emulator))] });
    expect(application.get(InstellixClient).status().state).toBe('missing');
    expect(await emulator.requests.count()).toBe(0);
  });

  test.each(['warn', 'fail'] as const)('eager (%s) has its token before the application listens', async (eager) => {
    const emulator = await emulate();
    const application = await boot({ imports: [InstellixModule.forRoot({ ...optionsFor(emulator), eager })] });
    expect(application.get(InstellixClient).status().state).toBe('fresh');
  });

  test('eager by the options that a factory returns, or by the eager of forRootAsync', async () => {
    const emulator = await emulate();
    const second = await emulator.credentials.create({ roles: ['reader'] });
    const application = await boot({
      imports: [
        InstellixModule.forRootAsync({ useFactory: () => ({ ...optionsFor(emulator), eager: 'fail' as const }) }),
        InstellixModule.forRootAsync({
          name: 'second',
          eager: 'fail',
          useFactory: () => ({ ...optionsFor(emulator, second), eager: undefined }),
        }),
      ],
    });
    expect(application.get(InstellixClient).status().state).toBe('fresh');
    expect(application.get(getInstellixClientToken('second')).status().state).toBe('fresh');
  });

  test('eager (warn) lets the application start without a token, and logs the reason', async () => {
    const logger = createLogRecorder();
    const options = { ...unreachable, ...impatient, name: 'billing', eager: 'warn' } as const;
    const application = await boot({ imports: [InstellixModule.forRoot(options)] }, { logger });
    expect(application.get(getInstellixClientToken('billing')).status().state).toBe('missing');
    expect(logger.lines).toContainEqual({
      level: 'warn',
      message: expect.stringMatching(/^client "billing": no token at startup: .*"acme"/),
      context: 'InstellixModule',
    });
  });

  test('eager (fail) fails the bootstrap with the reason, after the other eager clients have finished', async () => {
    const emulator = await emulate();
    await emulator.faults.add({ on: 'token', delayMs: 400 });
    const clients: InstellixClient[] = [];
    @Injectable()
    class Holder {
      constructor(client: InstellixClient) {
        clients.push(client);
      }
    }
    const slow = InstellixModule.forRoot({ ...optionsFor(emulator), eager: 'warn' });
    const failing = InstellixModule.forRoot({ ...unreachable, ...impatient, name: 'billing', eager: 'fail' });
    const logger = createLogRecorder();
    const started = boot({ imports: [slow, failing], providers: [Holder] }, { logger });
    await expect(started).rejects.toMatchObject({ code: 'token_endpoint_unavailable' });
    expect(clients.map((client) => client.status().state)).toEqual(['fresh']);
    expect(logger.lines).toContainEqual({
      level: 'error',
      message: expect.stringMatching(/^client "billing": no token at startup: /),
      stack: undefined,
      context: 'InstellixModule',
    });
  });
});

describe('on shutdown', () => {
  test('the clients that the modules created are closed, and no others', async () => {
    const given = createInstellixClient(unreachable);
    const application = await boot({
      imports: [
        InstellixModule.forRoot(unreachable),
        InstellixModule.forRoot({ ...unreachable, name: 'second' }),
        InstellixModule.forRoot({ client: given, name: 'given' }),
      ],
    });
    const own = [application.get(InstellixClient), application.get(getInstellixClientToken('second'))];
    await application.close();
    expect(own.map((client) => client.status().state)).toEqual(['closed', 'closed']);
    expect(given.status().state).toBe('missing');
    await given.close();
  });

  test('callers that wait for a token get client_closed at once', async () => {
    const emulator = await emulate();
    await emulator.faults.add({ on: 'token', socket: 'hang' });
    const logger = createLogRecorder();
    const application = await boot({ imports: [InstellixModule.forRoot(optionsFor(emulator))] }, { logger });
    const waiting = application.get(InstellixClient).fetch('/customers');
    const outcome = expect(waiting).rejects.toMatchObject({ code: 'client_closed' });
    await emulator.requests.waitFor({ endpoint: 'token' });
    await application.close();
    await outcome;
    // The request that the shutdown has aborted is no failure.
    const aborted = logger.lines.filter(({ message }) => message.includes('token_request_aborted'));
    expect(aborted.map(({ level }) => level)).toEqual(['debug']);
  });

  test('a mocked client whose methods return undefined is closed without a warning', async () => {
    const logger = createLogRecorder();
    const client = { ...createInstellixClient(unreachable), subscribe: vi.fn(), close: vi.fn() };
    vi.mocked(createInstellixClient).mockReturnValueOnce(client);
    const application = await boot({ imports: [InstellixModule.forRoot(unreachable)] }, { logger });
    await application.close();
    expect(client.close).toHaveBeenCalledOnce();
    expect(logger.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ['has no close()', undefined, 'client.close is not a function'],
    [
      'throws in close()',
      () => {
        throw new Error('boom');
      },
      'boom',
    ],
    ['rejects in close()', () => Promise.reject(new Error('boom')), 'boom'],
    ['rejects with a string', () => Promise.reject('boom'), 'boom'],
    ['never ends close()', () => new Promise<never>(() => {}), 'it did not close within 5000 ms'],
  ])('a mocked client that %s is named with the reason, and the others are closed', async (_, close, reason) => {
    const logger = createLogRecorder();
    const mocked = { ...createInstellixClient(unreachable), close };
    vi.mocked(createInstellixClient).mockReturnValueOnce(mocked as InstellixClient);
    const imports = ['mocked', 'other'].map((name) => InstellixModule.forRoot({ ...unreachable, name }));
    const application = await boot({ imports }, { logger });
    const other = application.get(getInstellixClientToken('other'));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const closed = application.close();
    await vi.advanceTimersByTimeAsync(5_000);
    await closed;
    expect(other.status().state).toBe('closed');
    expect(logger.lines.filter(({ level }) => level === 'warn')).toEqual([
      { level: 'warn', message: `client "mocked": failed to close: ${reason}`, context: 'InstellixModule' },
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a given client whose subscribe() is mocked does not prevent it', async () => {
    const client = { ...createInstellixClient(unreachable), subscribe: vi.fn() };
    const logger = createLogRecorder();
    const application = await boot({ imports: [InstellixModule.forRoot({ client })] }, { logger });
    await application.close();
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });
});

test('after a bootstrap that failed in a hook, close() of the application closes its clients', async () => {
  @Module({ imports: [InstellixModule.forRoot(unreachable)] })
  class BrokenModule implements OnModuleInit {
    onModuleInit() {
      throw new Error('broken');
    }
  }
  const application = await NestFactory.create(BrokenModule, { logger: false, abortOnError: false });
  const client = application.get(InstellixClient);
  await expect(application.init()).rejects.toThrow('broken');
  await application.close();
  expect(client.status().state).toBe('closed');
});

describe('the logger of the application gets the token events:', () => {
  test('failures as warnings, the others as debug lines, in the format of core', async () => {
    const emulator = await emulate({ throttleWindowMs: 0 });
    await emulator.faults.add({ on: 'token', times: 1, respond: { status: 503 } });
    const types: string[] = [];
    const logger = createLogRecorder();
    const options = {
      ...optionsFor(emulator),
      tokenRequest: { minIntervalMs: 0 },
      onEvent: ({ type }: { type: string }) => types.push(type),
    };
    const application = await boot({ imports: [InstellixModule.forRoot(options)] }, { logger });
    await application.get(InstellixClient).getToken();
    const lines = logger.lines.filter(({ context }) => context === 'InstellixModule');
    const event = /^the unnamed client: \S+ instellix emulator\/local (\w+)/;
    expect(lines.map(({ level, message }) => [level, event.exec(message)?.[1]])).toEqual([
      ['debug', 'token_requested'],
      ['warn', 'token_request_failed'],
      ['debug', 'waiting'],
      ['debug', 'token_requested'],
      ['debug', 'token_obtained'],
    ]);
    expect(lines[1]?.message).toContain('code=token_endpoint_unavailable status=503');
    expect(types).toHaveLength(5);
    expect(JSON.stringify(logger.lines)).not.toContain(emulator.clientSecret);
  });

  test('those of a given client until the application ends', async () => {
    const emulator = await emulate({ throttleWindowMs: 0 });
    const owner = await boot({
      imports: [InstellixModule.forRoot({ ...optionsFor(emulator), tokenRequest: { minIntervalMs: 0 } })],
    });
    const client = owner.get(InstellixClient);
    const logger = createLogRecorder();
    const guest = await boot({ imports: [InstellixModule.forRoot({ client, name: 'guest' })] }, { logger });
    const first = await client.getToken();
    const count = () => logger.lines.filter(({ message }) => /^client "guest": .* token_/.test(message)).length;
    expect(count()).toBe(2);
    await guest.close();
    await client.getToken({ rejected: first });
    expect(count()).toBe(2);
  });
});

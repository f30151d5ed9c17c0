import { createInstellixClient } from '@instellix/core';
import { Injectable, Logger, Module, type OnModuleInit } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { getInstellixClientToken, InstellixClient, InstellixModule } from '../../src/index.ts';
import { boot, createListener, listen } from '../application.ts';
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

  test('eager by a factory, or by what stands beside it', async () => {
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

  test('eager (warn) lets the application start without a token, and says so', async () => {
    const logger = createListener();
    const options = { ...unreachable, ...impatient, name: 'billing', eager: 'warn' } as const;
    const application = await boot({ imports: [InstellixModule.forRoot(options)] }, { logger });
    expect(application.get(getInstellixClientToken('billing')).status().state).toBe('missing');
    expect(logger.lines).toContainEqual({
      level: 'warn',
      text: expect.stringMatching(/^client "billing": no token at startup: .*"acme"/),
      context: 'InstellixModule',
    });
  });

  test('eager (fail) fails the bootstrap with the reason, and closes the clients that were made', async () => {
    const made: InstellixClient[] = [];
    @Injectable()
    class Holder {
      constructor(client: InstellixClient) {
        made.push(client);
      }
    }
    const failing = InstellixModule.forRoot({ ...unreachable, ...impatient, name: 'billing', eager: 'fail' });
    const started = boot({ imports: [InstellixModule.forRoot(unreachable), failing], providers: [Holder] });
    await expect(started).rejects.toMatchObject({ code: 'token_endpoint_unavailable' });
    expect(made.map((client) => client.status().state)).toEqual(['closed']);
  });
});

describe('when an application ends', () => {
  test('the clients that its modules made are closed, and no others', async () => {
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

  test('whoever waits for a token is told so at once', async () => {
    const emulator = await emulate();
    await emulator.faults.add({ on: 'token', socket: 'hang' });
    const application = await boot({ imports: [InstellixModule.forRoot(optionsFor(emulator))] });
    const waiting = application.get(InstellixClient).fetch('/customers');
    const outcome = expect(waiting).rejects.toMatchObject({ code: 'client_closed' });
    await application.close();
    await outcome;
  });

  test('a client that does not close holds it up for 5 s, no longer, and is named', async () => {
    const logger = createListener();
    const client = { ...createInstellixClient(unreachable), close: () => new Promise<never>(() => {}) };
    vi.mocked(createInstellixClient).mockReturnValueOnce(client);
    const application = await boot({ imports: [InstellixModule.forRoot(unreachable)] }, { logger });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const closed = application.close();
    await vi.advanceTimersByTimeAsync(5_000);
    await closed;
    expect(logger.lines.map(({ text }) => text)).toContain(
      'the unnamed client: not closed within 5000 ms; going on without it.',
    );
  });
});

test('a bootstrap that failed in a hook leaves clients that the end of the application closes', async () => {
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

test('the clients of a bootstrap that failed are closed, whichever was made first', async () => {
  vi.mocked(createInstellixClient).mockClear();
  const later = new Promise<void>((resolve) => setTimeout(resolve, 20));
  const imports = [
    InstellixModule.forRoot({ ...unreachable, name: 'first' }),
    InstellixModule.forRoot({ name: 'broken' }),
    InstellixModule.forRootAsync({ name: 'last', useFactory: () => later.then(() => unreachable) }),
  ];
  await expect(boot({ imports })).rejects.toThrow('client "broken"');
  await later;
  await new Promise((resolve) => setTimeout(resolve, 1));
  const made = vi.mocked(createInstellixClient).mock.results.filter(({ type }) => type === 'return');
  expect(made.map(({ value }) => value.status().state)).toEqual(['closed', 'closed']);
});

import { Logger } from '@nestjs/common';
import { afterEach, expect, test } from 'vitest';
import { InstellixClient, InstellixModule } from '../../src/index.ts';
import { boot, createListener } from '../application.ts';
import { emulate, optionsFor } from '../credentials.ts';

afterEach(() => Logger.overrideLogger(false));

test('the application’s own logger hears of the token: what went wrong as warnings, the rest as debug lines', async () => {
  const emulator = await emulate({ throttleWindowMs: 0 });
  await emulator.faults.add({ on: 'token', times: 1, respond: { status: 503 } });
  const heard: string[] = [];
  const logger = createListener();
  const application = await boot(
    {
      imports: [
        InstellixModule.forRoot({
          ...optionsFor(emulator),
          tokenRequest: { minIntervalMs: 0 },
          onEvent: ({ type }) => heard.push(type),
        }),
      ],
    },
    { logger },
  );
  await application.get(InstellixClient).getToken();
  const lines = logger.lines.filter(({ context }) => context === 'InstellixModule');
  expect(lines.map(({ level, text }) => [level, /^the unnamed client: (\w+) .*realm=/.exec(text)?.[1]])).toEqual([
    ['debug', 'token_requested'],
    ['warn', 'token_request_failed'],
    ['debug', 'waiting'],
    ['debug', 'token_requested'],
    ['debug', 'token_obtained'],
  ]);
  expect(lines[1]?.text).toContain('code=token_endpoint_unavailable status=503');
  expect(heard).toHaveLength(5);
  expect(JSON.stringify(logger.lines)).not.toContain(emulator.clientSecret);
});

test('a client that was given is heard, too, until its application ends', async () => {
  const emulator = await emulate({ throttleWindowMs: 0 });
  const owner = await boot({
    imports: [InstellixModule.forRoot({ ...optionsFor(emulator), tokenRequest: { minIntervalMs: 0 } })],
  });
  const client = owner.get(InstellixClient);
  const logger = createListener();
  const guest = await boot({ imports: [InstellixModule.forRoot({ client, name: 'guest' })] }, { logger });
  const first = await client.getToken();
  const count = () => logger.lines.filter(({ text }) => text.startsWith('client "guest": token_')).length;
  expect(count()).toBe(2);
  await guest.close();
  await client.getToken({ rejected: first });
  expect(count()).toBe(2);
});

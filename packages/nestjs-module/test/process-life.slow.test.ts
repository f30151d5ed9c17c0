import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '@instellix/emulator';
import { describe, expect, test } from 'vitest';

const entry = new URL('../src/index.ts', import.meta.url).href;
/** Compiles the decorators of the sources. */
const register = new URL('../../../tools/decorators/register.ts', import.meta.url).href;
const cwd = fileURLToPath(new URL('../', import.meta.url));

/** A JavaScript application calls decorators as functions. */
const preamble = `
  import 'reflect-metadata';
  import { Module } from '@nestjs/common';
  import { NestFactory } from '@nestjs/core';
  import { InstellixClient, InstellixModule } from ${JSON.stringify(entry)};
  const create = (providers = [], options = {}) => {
    class AppModule {}
    Module({ imports: [InstellixModule.forRoot(options)], providers })(AppModule);
    return NestFactory.create(AppModule, { logger: false, abortOnError: false });
  };
`;

/** Runs a script in a process of its own, against an emulator; sends a `signal` when it prints. */
async function run(script: string, signal?: NodeJS.Signals) {
  await using emulator = await startEmulator();
  const args = [
    '--no-warnings',
    '--conditions=@instellix/source',
    `--import=${register}`,
    '--input-type=module',
    '--eval',
    preamble + script,
  ];
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...emulator.env }, timeout: 25_000 });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (signal) child.kill(signal);
    });
  }
  const [code, endedBy] = await once(child, 'close');
  return { code, endedBy, lines: output.trim().split('\n') };
}

describe('a process', () => {
  test('whose bootstrap failed ends by itself, although a client holds a token and is not closed', async () => {
    const { code, lines } = await run(`
      const broken = {
        provide: 'broken',
        inject: [InstellixClient],
        useFactory: async (client) => {
          await client.getToken();
          console.log(client.status().state);
          throw new Error('broken');
        },
      };
      await create([broken]).catch(({ message }) => console.log(message));
    `);
    expect(lines).toEqual(['fresh', 'broken']);
    expect(code).toBe(0);
  });

  test('with a wrong configuration prints all problems and ends with status 1', async () => {
    const { code, lines } = await run(`
      class AppModule {}
      Module({ imports: [InstellixModule.forRoot({ name: 'billing', realm: 'a/b', relam: 'acme' })] })(AppModule);
      await NestFactory.create(AppModule, { logger: ['error'] });
    `);
    const output = lines.join('\n');
    expect(output).toMatch(/The instellix configuration has 2 problems:/);
    expect(output).toMatch(/\n- client "billing": realm .*INSTELLIX_REALM/);
    expect(output).toMatch(/\n- client "billing": .*relam/);
    expect(code).toBe(1);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('closes its client on %s, also while a call waits', async (signal) => {
    const { endedBy, lines } = await run(
      `
      const application = (await create()).enableShutdownHooks();
      await application.listen(0, '127.0.0.1');
      const client = application.get(InstellixClient);
      const closed = client.getToken().then((token) => client.getToken({ rejected: token }));
      closed.catch(({ code }) => console.log(code, client.status().state));
      console.log('started');
    `,
      signal,
    );
    expect(lines).toEqual(['started', 'client_closed closed']);
    expect(endedBy).toBe(signal);
  });
});

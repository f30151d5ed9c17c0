import { expect, test } from 'vitest';
import { launch, run } from './run.ts';

const node = (code: string): string[] => ['--', process.execPath, '--input-type=module', '-e', code];

test('the command gets the emulator in its environment, and exec exits with its status', async () => {
  const code = `
    const { INSTELLIX_API_URL: url, INSTELLIX_REALM: realm, INSTELLIX_CLIENT_ID: id, INSTELLIX_CLIENT_SECRET: secret } = process.env;
    const response = await fetch(url + '/' + realm + '/oauth2/token', {
      method: 'POST',
      headers: { authorization: 'Basic ' + btoa(id + ':' + secret) },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    console.log(response.status, process.env.INSTELLIX_MIN_INTERVAL_MS, process.argv.slice(1).join());
    process.exitCode = 7;
  `;
  const { status, stdout, stderr } = await run([
    'exec',
    '--throttle-window',
    '0',
    ...node(code),
    '--',
    '--port',
    'x y',
  ]);
  expect([status, stdout, stderr]).toEqual([7, '200 0 --port,x y\n', '']);
});

test('removes all other INSTELLIX_ variables from the environment of the command', async () => {
  const env = {
    INSTELLIX_ENVIRONMENT: 'production',
    INSTELLIX_CLIENT_SECRET_FILE: '/secret',
    INSTELLIX_API_URL: 'https://api.instellix.io',
    OTHER: 'kept',
  };
  const code = `
    const names = Object.keys(process.env).filter((name) => name.startsWith('INSTELLIX_')).sort();
    console.log(names.join(), process.env.INSTELLIX_API_URL.replace(/\\d+$/, ''), process.env.OTHER);
  `;
  expect((await run(['exec', ...node(code)], env)).stdout).toBe(
    'INSTELLIX_API_URL,INSTELLIX_CLIENT_ID,INSTELLIX_CLIENT_SECRET,INSTELLIX_EMULATOR_URL,INSTELLIX_REALM ' +
      'http://127.0.0.1: kept\n',
  );
});

// Other systems have no /proc.
test.skipIf(process.platform !== 'linux')('passes no secret on a command line', async () => {
  const code = `
    import { readFileSync } from 'node:fs';
    const lines = ['self', process.ppid].map((id) => readFileSync('/proc/' + id + '/cmdline', 'utf8'));
    console.log(lines.some((line) => line.includes(process.env.INSTELLIX_CLIENT_SECRET)));
  `;
  expect((await run(['exec', ...node(code)])).stdout).toBe('false\n');
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'passes %s to the command, which chooses its own exit status',
  async (signal) => {
    const code = `
      process.on('${signal}', () => { console.log('heard'); clearInterval(alive); process.exitCode = 3; });
      const alive = setInterval(() => {}, 1000);
      console.log('ready');
    `;
    const command = launch(['exec', ...node(code)]);
    expect(await command.nextLine()).toBe('ready');
    command.child.kill(signal);
    expect(await command.nextLine()).toBe('heard');
    expect((await command.ended).status).toBe(3);
  },
);

test('a command that a signal ended has the exit status of a shell', async () => {
  expect((await run(['exec', ...node("process.kill(process.pid, 'SIGKILL')")])).status).toBe(137);
  const command = launch(['exec', ...node("console.log('ready'); setInterval(() => {}, 1000)")]);
  await command.nextLine();
  command.child.kill('SIGTERM');
  expect((await command.ended).status).toBe(143);
});

test('closes the port after the command has ended', async () => {
  const { stdout } = await run(['exec', ...node('console.log(process.env.INSTELLIX_API_URL)')]);
  await expect(fetch(stdout.trim())).rejects.toThrow('fetch failed');
});

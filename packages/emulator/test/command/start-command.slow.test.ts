import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { connectEmulator, type Emulator } from '../../src/index.ts';
import { useEmulators } from '../wire/emulators.ts';
import { callToken } from '../wire/token-call.ts';
import { launch, run, runHere } from './run.ts';

const start = useEmulators();
const folder = mkdtempSync(join(tmpdir(), 'instellix-command-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

type Description = Pick<Emulator, 'url' | 'realm' | 'clientId' | 'clientSecret' | 'env' | 'portal'>;

describe('start', () => {
  test('--json prints one JSON object and then one line per request; SIGTERM ends it with 0', async () => {
    const command = launch(['--json', '--clock', '2026-01-01T00:00:00Z']);
    const described = JSON.parse(await command.nextLine()) as Description;
    expect(Object.keys(described)).toEqual(['url', 'realm', 'clientId', 'clientSecret', 'env', 'portal']);
    const { url, realm, clientId, env } = described;
    expect(env['INSTELLIX_API_URL']).toBe(url);
    await using connection = await connectEmulator(url);
    expect((await callToken(connection)).status).toBe(200);
    expect((await callToken(connection)).status).toBe(401);
    const at = Date.UTC(2026, 0);
    const entry = { at, endpoint: 'token', method: 'POST', realm, clientId };
    expect(JSON.parse(await command.nextLine())).toEqual({ ...entry, status: 200, reason: 'issued' });
    expect(JSON.parse(await command.nextLine())).toEqual({ ...entry, status: 401, reason: 'throttled' });
    command.child.kill('SIGTERM');
    expect(await command.ended).toMatchObject({ status: 0, stderr: '' });
  });

  test('prints URL, credential, portal and variables, then one line per request with its reason', async () => {
    const command = launch(['start', '--token-ttl', '60', '--throttle-window', '0']);
    expect(await command.nextLine()).toMatch(/^The instellix emulator listens at http:\/\/127\.0\.0\.1:\d+$/);
    const lines: string[] = [];
    while (!lines.at(-1)?.startsWith('Each request is printed')) lines.push(await command.nextLine());
    const printed = lines.join('\n');
    expect(printed).toMatch(/^export INSTELLIX_MIN_INTERVAL_MS=0$/m);
    expect(printed).not.toContain('TOKEN_URL');
    const url = printed.match(/^export INSTELLIX_API_URL=(.*)$/m)?.[1] ?? '';
    expect(printed).toMatch(/^export INSTELLIX_CLIENT_SECRET=[\w-]{43}$/m);
    expect(printed).toMatch(/user name +admin\n +password +[\w-]{43}$/m);
    await using connection = await connectEmulator(url);
    expect(await (await callToken(connection)).json()).toMatchObject({ expires_in: 60 });
    expect(await command.nextLine()).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}200 {2}issued +token {2}local local-client$/);
    command.child.kill('SIGINT');
    expect(await command.ended).toMatchObject({ status: 0, stderr: '' });
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it with 0 while requests hang', async (signal) => {
    const command = launch(['--json']);
    const { url } = JSON.parse(await command.nextLine()) as Description;
    await using connection = await connectEmulator(url);
    await connection.faults.add({ on: 'GET /customers', socket: 'hang' });
    const call = fetch(`${url}/customers`).catch(() => 'ended');
    await connection.requests.waitFor({});
    command.child.kill(signal);
    expect((await command.ended).status).toBe(0);
    expect(await call).toBe('ended');
  });

  test('a signal during the start ends it with 0', async () => {
    const { status, stderr } = await runHere(['--json'], {}, AbortSignal.abort('SIGTERM'));
    expect([status, stderr]).toEqual([0, '']);
  });

  test('keeps running when its standard output is closed', async () => {
    const command = launch(['--json']);
    const { url } = JSON.parse(await command.nextLine()) as Description;
    command.child.stdout?.destroy();
    for (let call = 0; call < 3; call += 1) expect((await fetch(`${url}/customers`)).status).toBe(401);
    command.child.kill('SIGTERM');
    expect((await command.ended).status).toBe(0);
  });

  test('a database file keeps the seed and new credentials across a restart', async () => {
    const seed = file('seed.json', '{"credentials":[{"clientId":"billing","clientSecret":"s","roles":["reader"]}]}');
    const args = ['--json', '--database', join(folder, 'state.db')];
    const first = launch([...args, '--seed', seed]);
    const before = JSON.parse(await first.nextLine()) as Description;
    await (await connectEmulator(before.url)).credentials.create({ roles: ['none'], clientId: 'kept' });
    first.child.kill('SIGTERM');
    await first.ended;
    const second = launch(args);
    const after = JSON.parse(await second.nextLine()) as Description;
    expect(after.clientSecret).toBe(before.clientSecret);
    const list = await (await connectEmulator(after.url)).credentials.list();
    expect(list.map(({ clientId }) => clientId)).toEqual(['local-client', 'billing', 'kept']);
  });

  test('--allow-remote generates an adminToken, prints it, and requires it', async () => {
    const command = launch(['--json', '--allow-remote', '--host-name', 'emulator']);
    const { url, adminToken } = JSON.parse(await command.nextLine()) as Description & { adminToken: string };
    await expect(connectEmulator(url, { readyTimeoutMs: 0 })).rejects.toThrow(
      /adminToken of this emulator is missing or wrong/,
    );
    expect((await connectEmulator(url, { adminToken })).url).toBe(url);
  });
});

describe('prints one clear line for each error, with its exit status', () => {
  const usage: [args: string[], message: RegExp][] = [
    [['--prot', '1'], /unknown option '--prot' \(Did you mean --port\?\)/],
    [['--port'], /--port/],
    [['--port', 'http'], /'--port <value>' argument 'http' is invalid\. It must be a whole number\./],
    [['--port', '65536'], /--port: must be a whole number from 0 to 65535/],
    [['--clock', 'soon'], /--clock: must be a Date, an ISO 8601/],
    [['--token-ttl', '0'], /--token-ttl: must be a whole number from 1/],
    [['--throttle-window', '-1'], /throttle-window/],
    [['--database', ''], /--database: must not be empty/],
    [['--profile', 'lenient'], /--profile: must be one of vendor, rfc/],
    [['--host', '0.0.0.0'], /--host is an address that other machines can reach; add --allow-remote/],
    [['--host', 'example.com', '--allow-remote'], /--host: must be an IP address/],
    [['--host-name', 'a:1'], /--host-name: must be a host name/],
    [['start', 'now'], /too many arguments for 'start'/],
    [['launch'], /unknown command "launch"; the commands are start, exec, /],
    [['exec'], /the command is missing/],
    [['exec', '--'], /the command is missing/],
    [['exec', '--', ''], /the command is missing/],
    [['--port', '-1'], /--port: must be a whole number from 0 to 65535, not -1/],
    [['exec', '--json', '--', 'true'], /unknown option '--json'/],
    [['clock', 'stop'], /unknown command "clock stop"; clock has the subcommands now, advance/],
    [['clock', 'advance'], /missing required argument 'ms'/],
    [['reset'], /the URL of the emulator is missing; give --url or set INSTELLIX_EMULATOR_URL/],
    [['reset', '--url', 'here'], /--url: must be the URL of an emulator/],
    [['credentials'], /credentials needs a subcommand: one of create, rotate/],
    [['faults', 'make'], /unknown command "faults make"; faults has the subcommands/],
    [['clock', 'advance', 'soon'], /'soon' is invalid for argument 'ms'\. It must be a duration/],
    [
      ['credentials', 'create', '--role', 'boss', '--url', 'http://127.0.0.1:9'],
      /--role: must be one of .*, not "boss"/,
    ],
    [
      ['credentials', 'rotate', 'x', '--url', 'http://127.0.0.1:9'],
      /required option '--overlap <duration>' not specified/,
    ],
    [['faults', 'add', '--on', 'token', '--body', 'x', '--url', 'http://127.0.0.1:9'], /--status: is missing/],
    [['requests'], /requests needs a subcommand: one of list, count, wait-for, tail;/],
    [['seed', 'import'], /seed has the subcommands export/],
  ];
  test.each(usage)('%j: 2', async (args, message) => {
    const { status, stdout, stderr } = await runHere(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^instellix-emulator: [^\n]+; see instellix-emulator --help\n$/);
    expect(stderr).toMatch(message);
  });

  const failures: [title: string, args: () => Promise<string[]>, message: RegExp][] = [
    [
      'a seed that is not JSON',
      async () => ['--seed', file('broken.json', '{')],
      /: --seed: ".*broken\.json" is not valid JSON/,
    ],
    ['a missing seed', async () => ['--seed', join(folder, 'none.json')], /: --seed: ".*none\.json" cannot be read/],
    [
      'an invalid seed',
      async () => [
        '--seed',
        file('odd.json', '{"credentials":[{"clientId":"a","clientSecret":"planted","roles":["boss"]}]}'),
      ],
      /: --seed: credentials\[0\]\.roles\[0\]: must be one of/,
    ],
    [
      'a file that is not a database',
      async () => ['--database', file('x.db', 'a diary '.repeat(500))],
      /: --database: ".*x\.db" is not a SQLite/,
    ],
    ['a server that does not run', async () => ['reset', '--url', 'http://127.0.0.1:9'], /./],
    [
      'a command that does not exist',
      async () => ['exec', '--', 'no-such-command-here'],
      /no-such-command-here: not found/,
    ],
  ];
  test.each(failures)('%s: 1', async (_title, args, message) => {
    const { status, stdout, stderr } = await runHere(await args());
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^instellix-emulator: [^\n]+\n$/);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('planted');
  });

  test('a port in use: 1', async () => {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { status, stderr } = await runHere(['--port', String(port)]);
    server.close();
    expect([status, stderr]).toEqual([
      1,
      `instellix-emulator: --port: ${port} is in use by another program; choose another port, or 0 for a free one\n`,
    ]);
  });

  test('a database in use: 1', async () => {
    const database = join(folder, 'locked.db');
    await start({ database });
    const { status, stderr } = await runHere(['--database', database]);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/: --database: ".*locked\.db" is locked by another emulator/),
    ]);
  });

  test('a server that is not an emulator: 1', async () => {
    const other = createServer((_request, response) => response.end('<html>'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { status, stderr } = await runHere([
      'reset',
      '--url',
      `http://127.0.0.1:${(other.address() as AddressInfo).port}`,
    ]);
    other.close();
    expect([status, stderr]).toEqual([1, expect.stringMatching(/is not an emulator \(it returned 200\)/)]);
  });
});

test('as a process: one line on stderr, and the exit status', async () => {
  const { status, stdout, stderr } = await run(['--prot', '1']);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(
    /^instellix-emulator: unknown option '--prot' \(Did you mean --port\?\); see instellix-emulator --help\n$/,
  );
  const refused = await run(['reset', '--url', 'http://127.0.0.1:9']);
  expect(refused).toMatchObject({ status: 1, stdout: '' });
  expect(refused.stderr).toMatch(
    /^instellix-emulator: no server responds at http:\/\/127\.0\.0\.1:9; start the emulator .*\n$/,
  );
});

test('--help lists every command and its flags, and ends with 0', async () => {
  const own = await runHere(['credentials', 'rotate', '--help']);
  expect([own.status, own.stdout]).toEqual([0, expect.stringContaining('--overlap <duration>')]);
  const { status, stdout, stderr } = await runHere(['--help']);
  expect([status, stderr]).toEqual([0, '']);
  for (const word of ['start', 'exec', 'seed export', 'credentials set-roles', 'requests tail', 'Exit status']) {
    expect(stdout).toContain(word);
  }
  expect(stdout).not.toContain('requests follow');
});

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(await run(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  expect(await runHere(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n` });
});

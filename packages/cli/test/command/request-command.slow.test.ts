import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { start } from '../emulators.ts';
import { startFront, startServer } from '../front.ts';
import { folder, launch, run, runShell } from '../run.ts';

/** A fault of the emulator: a redirect. */
const redirectTo = (location: string) => ({ respond: { status: 302, headers: { location } } });

test('prints the body on stdout and the status on stderr', async () => {
  const { env } = await start();
  const { status, stdout, stderr } = await run(['request', 'get', '/customers'], { env });
  expect([status, stderr]).toEqual([0, '200 OK\n']);
  expect(JSON.parse(stdout)).toEqual({ customers: expect.any(Array) });
});

describe('sends a body', () => {
  const body = '{"name":"Émilie du Châtelet"}';

  test.each([
    ['given on the command line', body],
    ['from a file', '@customer.json'],
    ['from standard input', '@-'],
  ])('%s', async (_, data) => {
    writeFileSync(join(folder, 'customer.json'), body);
    const { env } = await start();
    const { stdout, stderr } = await run(['request', 'POST', '/customers', '--data', data], { env, stdin: body });
    expect(stderr).toBe('201 Created\n');
    expect(JSON.parse(stdout)).toMatchObject({ name: 'Émilie du Châtelet' });
  });

  test('again after a 401', async () => {
    const emulator = await start();
    const { env } = emulator;
    await run(['token'], { env });
    await emulator.tokens.revokeAll();
    const { stderr } = await run(['request', 'POST', '/customers', '--data', '@-'], { env, stdin: body });
    expect(stderr).toBe('201 Created\n');
  });

  test('of the type that a header says', async () => {
    const { env, url } = await start();
    let type: unknown;
    const target = await startFront({
      target: url,
      rewrite: (headers) => {
        if (headers['content-type']?.startsWith('text')) type = headers['content-type'];
        return headers;
      },
    });
    const args = ['request', 'POST', '/customers', '--data', 'x', '--header', 'Content-Type: text/csv'];
    await run(args, { env: { ...env, INSTELLIX_API_URL: target } });
    expect(type).toBe('text/csv');
  });
});

describe('exit status 1', () => {
  test('for a response that is no success, with its body', async () => {
    const { env } = await start();
    const { status, stdout, stderr } = await run(['request', 'GET', '/nothing'], { env });
    expect([status, stderr]).toEqual([1, '404 Not Found\n']);
    expect(stdout).not.toBe('');
  });

  test('for a missing access right, which is explained', async () => {
    const emulator = await start();
    const { clientId, clientSecret } = await emulator.credentials.create({ roles: ['none'] });
    const env = { ...emulator.env, INSTELLIX_CLIENT_ID: clientId, INSTELLIX_CLIENT_SECRET: clientSecret };
    const { status, stderr } = await run(['request', 'GET', '/customers'], { env });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^403 Forbidden\nThe API responded with 403 .*lacks `customers:read`.*\n$/);
  });

  test('for a URL outside of the API, which gets no token', async () => {
    const { env } = await start();
    const { status, stderr } = await run(['request', 'GET', 'https://example.com/'], { env });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^instellix: Cannot send the request: it leads to https:\/\/example\.com, .*\n$/);
  });

  test('for what is no HTTP URL', async () => {
    const { env } = await start();
    const { status, stderr } = await run(['request', 'GET', 'javascript:alert(1)'], { env });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^instellix: Cannot send the request: the URL is invalid\. .*\n$/);
  });

  test('for a directory as standard input', async () => {
    const { env } = await start();
    const { status, stderr } = await runShell('bash', 'instellix request POST /customers --data @- < /', env);
    expect([status, stderr]).toEqual([1, 'instellix: Standard input, which --data names, is a directory.\n']);
  });

  test('when the response ends too early', async () => {
    const emulator = await start();
    await emulator.faults.add({ on: 'GET /customers', socket: 'truncate' });
    const { status, stderr } = await run(['request', 'GET', '/customers'], { env: emulator.env });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^200 OK\ninstellix: The response broke off: .*[A-Z_]+\)?\. What was printed is incomplete\.\n$/,
    );
  });

  test.each([
    [
      'with its message and its code, when the API breaks off the connection',
      { socket: 'reset' },
      String.raw`.+ \([A-Z_]+\)|.*[A-Z]{3,}.*`,
      true,
    ],
    ['when the API redirects in a circle', redirectTo('/customers'), 'more redirects than are allowed', false],
    ['when the API redirects to a port that fetch does not use', redirectTo('http://127.0.0.1:1/'), 'bad port', false],
  ] as const)('%s', async (_, fault, reason, isForDoctor) => {
    const emulator = await start();
    await emulator.faults.add({ on: 'GET /customers', ...fault });
    const { status, stderr } = await run(['request', 'GET', '/customers'], { env: emulator.env });
    expect(status).toBe(1);
    const hint = isForDoctor ? ' To find the cause, run instellix doctor with the same options\\.' : '';
    expect(stderr).toMatch(new RegExp(`^instellix: No response of the API: (?:${reason})\\.${hint}\n$`));
  });

  test('for a file that cannot be read', async () => {
    const { env } = await start();
    const { status, stderr } = await run(['request', 'POST', '/customers', '--data', '@missing'], { env });
    expect([status, stderr]).toEqual([1, 'instellix: The file "missing" of --data cannot be read (ENOENT).\n']);
  });
});

test('sends each of several headers of one name', async () => {
  const { env, url } = await start();
  let sent: unknown;
  const target = await startFront({
    target: url,
    rewrite: (headers) => {
      if (headers['x-tag']) sent = headers['x-tag'];
      return headers;
    },
  });
  const args = ['request', 'GET', '/customers', '--header', 'X-Tag: a', '--header', 'x-tag:b'];
  await run(args, { env: { ...env, INSTELLIX_API_URL: target } });
  expect(sent).toBe('a, b');
});

test.each(['Basic abc', ''])(
  'does not blame the access token when the caller sends Authorization "%s"',
  async (value) => {
    const { env } = await start();
    const args = ['request', 'GET', '/customers', '--header', `Authorization: ${value}`];
    expect(await run(args, { env })).toMatchObject({ status: 1, stderr: '401 Unauthorized\n' });
  },
);

describe('a long response', () => {
  /** Starts an API whose response of 20 MB does not end, and returns the variables of its client. */
  async function startLong(status: number): Promise<Record<string, string>> {
    const { env, url } = await start();
    const target = await startServer((_, response) => response.writeHead(status).write(Buffer.alloc(20_000_000, 'x')));
    return { ...env, INSTELLIX_API_URL: target, INSTELLIX_TOKEN_URL: `${url}/local/oauth2/token` };
  }

  test.each([
    [200, '200 OK', 0],
    [500, '500 Internal Server Error', 1],
  ])('of status %i ends without an error when its reader goes away', async (status, line, expected) => {
    const script = 'set -o pipefail; instellix request GET /long | head -c 3; echo $?';
    const { stdout, stderr } = await runShell('bash', script, await startLong(status));
    expect([stdout, stderr]).toEqual([`xxx${expected}\n`, `${line}\n`]);
  });

  test('that comes slowly ends when its reader goes away', async () => {
    const { env, url } = await start();
    const target = await startServer((_, response) => {
      const timer = setInterval(() => response.write('x'), 50);
      response.once('close', () => clearInterval(timer));
    });
    const apart = { INSTELLIX_API_URL: target, INSTELLIX_TOKEN_URL: `${url}/local/oauth2/token` };
    const { stdout } = await runShell('bash', 'instellix request GET /slow | head -c 1', { ...env, ...apart });
    expect(stdout).toBe('x');
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('that is not read ends at %s', async (signal) => {
    const { child, ended } = launch(['request', 'GET', '/long'], { env: await startLong(200), readsOutput: false });
    await once(child.stderr, 'data');
    child.kill(signal);
    expect(await ended).toMatchObject({ status: signal, stderr: '200 OK\n' });
  });
});

test('waiting for the writer of a FIFO ends at SIGINT', async () => {
  const { env } = await start();
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const { child, ended } = launch(['request', 'POST', '/customers', '--data', `@${fifo}`], { env });
  await once(child.stderr, 'data');
  child.kill('SIGINT');
  expect(await ended).toEqual({ status: 'SIGINT', stdout: '', stderr: 'Reading the data.\n' });
});

describe('says what it waits for', () => {
  test('when standard input is slow', async () => {
    const { env } = await start();
    const script = '(sleep 3; echo "{\\"name\\":\\"Ada\\"}") | instellix request POST /customers --data @-';
    expect(await runShell('bash', script, env)).toMatchObject({ stderr: 'Reading the data.\n201 Created\n' });
  });

  test('once, when the response stalls', async () => {
    const { env, url } = await start();
    const target = await startServer((_, response) => {
      response.write('a');
      setTimeout(() => response.write('b'), 2_000);
      setTimeout(() => response.end('c'), 4_000);
    });
    const apart = { INSTELLIX_API_URL: target, INSTELLIX_TOKEN_URL: `${url}/local/oauth2/token` };
    const { stdout, stderr } = await run(['request', 'GET', '/slow'], { env: { ...env, ...apart } });
    expect([stdout, stderr]).toEqual(['abc', '200 OK\nWaiting for the rest of the response.\n']);
  });
});

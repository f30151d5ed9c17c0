import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { start } from '../emulators.ts';
import { startFront } from '../front.ts';
import { folder, run, runShell } from '../run.ts';

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
    expect(stderr).toMatch(/^instellix: .*\n$/);
  });

  test('when the API breaks off the connection', async () => {
    const emulator = await start();
    await emulator.faults.add({ on: 'GET /customers', socket: 'reset' });
    const { status, stderr } = await run(['request', 'GET', '/customers'], { env: emulator.env });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^instellix: The API cannot be reached \([A-Z_]+\)\. .* run instellix doctor with the same options\.\n$/,
    );
  });

  test('when the response ends too early', async () => {
    const emulator = await start();
    await emulator.faults.add({ on: 'GET /customers', socket: 'truncate' });
    const { status, stderr } = await run(['request', 'GET', '/customers'], { env: emulator.env });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^200 OK\ninstellix: The response broke off \([A-Z_]+\): what was printed is incomplete\.\n$/,
    );
  });

  test('for a header that fetch does not send', async () => {
    const { env } = await start();
    const { status, stderr } = await run(['request', 'GET', '/customers', '--header', 'Expect: x'], { env });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^instellix: The request cannot be sent \(UND_ERR_\w+\): .* headers\.\n$/);
  });

  test('for a file that cannot be read', async () => {
    const { env } = await start();
    const { status, stderr } = await run(['request', 'POST', '/customers', '--data', '@missing'], { env });
    expect([status, stderr]).toEqual([1, 'instellix: The file "missing" of --data cannot be read (ENOENT).\n']);
  });
});

test('a reader that goes away ends a long response without an error', async () => {
  const { env, url } = await start();
  const long = createServer((_, response) => response.end(Buffer.alloc(20_000_000, 'x'))).listen(0, '127.0.0.1');
  await new Promise((resolve) => long.once('listening', resolve));
  const { port } = long.address() as { port: number };
  const apart = { INSTELLIX_API_URL: `http://127.0.0.1:${port}`, INSTELLIX_TOKEN_URL: `${url}/local/oauth2/token` };
  const script = 'set -o pipefail; instellix request GET /long | head -c 3; echo $?';
  const { stdout, stderr } = await runShell('bash', script, { ...env, ...apart });
  long.closeAllConnections();
  long.close();
  expect([stdout, stderr]).toEqual(['xxx0\n', '200 OK\n']);
});

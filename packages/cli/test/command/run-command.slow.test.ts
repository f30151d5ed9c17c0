import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { runCommand } from '../../src/command/run-command.ts';
import { run } from '../run.ts';

/** Runs a command line in this process, as if standard output were a terminal or not. */
async function runHere(args: readonly string[], isTTY: boolean, env: Record<string, string> = {}) {
  const [stdout, stderr] = [Object.assign(new PassThrough(), { isTTY }), new PassThrough()];
  const stopping = new AbortController().signal;
  const printed = [text(stdout), text(stderr)];
  const status = await runCommand(args, { env, stdin: new PassThrough(), stdout, stderr, stopping });
  stdout.end();
  stderr.end();
  const [out = '', error = ''] = await Promise.all(printed);
  return { status, stdout: out, stderr: error };
}

describe('a wrong command line is exit status 2 and one line', () => {
  test.each([
    [[], 'the command is missing or does not exist: doctor, token, request, completion'],
    [['help', 'tokn'], 'the command is missing or does not exist: doctor, token, request, completion'],
    [['tokn'], "unknown command 'tokn' (Did you mean token?)"],
    [['doctor', '--jsn'], "unknown option '--jsn' (Did you mean --json?)"],
    [['doctor', '--path', 'customers'], 'must start with a slash'],
    [['doctor', '--expiry-margin', '5s'], 'must be a whole number of milliseconds'],
    [['doctor', 'more'], 'too many arguments'],
    [['token', '--body-format', 'json'], 'Allowed choices are multipart, urlencoded.'],
    [['request', 'GET'], "missing required argument 'path'"],
    [['request', 'get it', '/customers'], 'the method must be one of HTTP'],
    [['request', 'TRACE', '/customers'], 'and not CONNECT or TRACE'],
    [['request', 'get', '/customers', '--data', 'x'], 'GET has no body; leave out --data'],
    [['request', 'get', '/', '--header', 'planted-key'], '--header must be a name, a colon and a value'],
    [['request', 'get', '/', '--header', 'x y: planted-key'], '--header must be a name, a colon and a value'],
    [['request', 'get', '/', '--header', 'x: planted\nkey'], 'a control character, or one above U+00FF'],
    [['request', 'get', '/', '--header', 'x: planted 日本'], 'a control character, or one above U+00FF'],
    [['request', 'post', '/', '--header', 'content-length: 1', '--data', 'ab'], '--header must not be Content-Length'],
    [['request', 'get', '/', '--header', 'Host: example.com'], '--header must not be Host'],
    [['request', 'get', '/', '--header', 'expect: 100-continue'], '--header must not be Expect'],
    [['request', 'delete', ''], 'the path is empty'],
    [['token', '--store-directory', ''], 'must not be empty'],
    [['completion', 'fish'], 'Allowed choices are bash, zsh.'],
  ])('%j', async (args, problem) => {
    const { status, stdout, stderr } = await runHere(args, false);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^instellix: [^\n]*; see instellix --help\n$/);
    expect(stderr).toContain(problem);
    expect(stderr).not.toContain('planted');
  });
});

test.each([['--help'], ['help'], ['doctor', '--help'], ['--version']])(
  '%s %s is printed on stdout',
  async (...args) => {
    const { status, stdout, stderr } = await runHere(args.filter(Boolean), false);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/\n$/);
  },
);

describe('the doctor for people', () => {
  test('prints each step in one line and its remedy in another, and a summary', async () => {
    const { status, stdout, stderr } = await run(['doctor']);
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout.split('\n').map((line) => line.slice(0, 28))).toEqual([
      '✗ configuration: environment',
      '    Set the variables, or wr',
      '✗ client secret: clientSecre',
      '    Set INSTELLIX_CLIENT_SEC',
      '- name resolution: Not check',
      '- connection and certificate',
      '- clock: Not checked, becaus',
      '- token request: Not checked',
      '- token lifetime: Not checke',
      '✓ token store: Writable: the',
      '- API call: Not checked, bec',
      '2 steps failed.',
      '',
    ]);
  });

  test.each([
    ['has colours on a terminal', true, {}, true],
    ['has none with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['has none on a terminal without colours', true, { TERM: 'dumb' }, false],
    ['has none in a file', false, {}, false],
  ])('%s', async (_, isTTY, env, hasColors) => {
    const { stdout } = await runHere(['doctor'], isTTY, env as Record<string, string>);
    expect(stdout.includes('\u001b[31m✗')).toBe(hasColors);
    expect(stdout.includes('\u001b')).toBe(hasColors);
  });
});

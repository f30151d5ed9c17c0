import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../../../../tools/skipped-tests/requirements.ts';
import { folder, run } from '../run.ts';

const execute = promisify(execFile);
const typed: readonly (readonly [words: string, completed: string])[] = [
  ['do', 'doctor'],
  ['doctor --js', '--json'],
  ['doctor --json --pa', '--path'],
  ['token --hea', '--header'],
  ['token --body-format u', 'urlencoded'],
  ['request GET /customers --da', '--data'],
  ['completion z', 'zsh'],
  ['token --env-file vari', 'variables'],
];
const scripts = { bash: join(folder, 'completion.bash'), zsh: join(folder, 'completion.zsh') };

beforeAll(async () => {
  writeFileSync(join(folder, 'variables'), '');
  mkdirSync(join(folder, 'a directory'));
  for (const [shell, file] of Object.entries(scripts)) {
    const { status, stdout } = await run(['completion', shell]);
    expect(status).toBe(0);
    writeFileSync(file, stdout);
  }
}, 60_000);

describe('bash completes', () => {
  /** What bash offers after these words. */
  async function complete(words: string): Promise<string[]> {
    const script = `source "$1"; shift; COMP_WORDS=(instellix "$@"); COMP_CWORD=$#; _instellix; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const args = ['-c', script, 'bash', scripts.bash, ...words.split(' ')];
    const { stdout, stderr } = await execute('bash', args, { cwd: folder });
    expect(stderr).toBe('');
    return stdout.split('\n').filter(Boolean);
  }

  test.each(typed)('instellix %s to %s', async (words, completed) => {
    expect(await complete(words)).toEqual([completed]);
  });

  test('words that are names of directories, too, without a slash', async () => {
    const script = 'source "$1"; complete -p instellix';
    const { stdout } = await execute('bash', ['-c', script, 'bash', scripts.bash]);
    // With `-o filenames`, each word counts as the name of a file.
    expect(stdout).toBe('complete -F _instellix instellix\n');
  });

  test('all commands, paths with spaces, and no value that only the user knows', async () => {
    expect(await complete('')).toEqual(['doctor', 'token', 'request', 'completion']);
    expect(await complete('token --store-directory a')).toEqual(['a directory']);
    expect(await complete('doctor --path ')).toEqual([]);
    expect(await complete('request --header ')).toEqual([]);
    // There, it has no value.
    expect(await complete('token --header --env')).toEqual(['--env-file']);
  });
});

describe.skipIf(findProgram('zsh') === undefined)('zsh completes', () => {
  // A terminal of zsh's own, in which a person types and presses Tab.
  const driver = `
    zmodload zsh/zpty
    zpty -b terminal zsh -f -i
    await() {
      local all= part=
      for attempt in {1..200}; do
        while zpty -r -t terminal part; do all+=$part; done
        [[ $all == *"$1"* ]] && { print -r -- "$1"; return }
        sleep 0.05
      done
      print -r -- "\${(V)all}"
    }
    zpty -w terminal 'PS1=; autoload -U compinit; compinit -u -D; source '$1'; print REA""DY'
    await READY
    shift
    while (( $# )); do
      zpty -w -n terminal "instellix $1"$'\\t'
      await "instellix $2"
      zpty -w -n terminal $'\\x15'
      shift 2
    done`;

  test('what bash completes', async () => {
    const lines = typed.map(([words, completed]) => [words, words.replace(/\S*$/, completed)] as const);
    const args = ['-f', '-c', driver, 'zsh', scripts.zsh, ...lines.flat()];
    const { stdout } = await execute('zsh', args, { cwd: folder, env: { ...process.env, TERM: 'dumb' } });
    expect(stdout.trim().split('\n')).toEqual(['READY', ...lines.map(([, line]) => `instellix ${line}`)]);
  });
});

import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { delimiter, dirname } from 'node:path';
import { promisify } from 'node:util';

/** Runs a command and returns what it printed. @throws Error with all that it printed when it fails */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { cwd, env, maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr || message}`);
  }
}

const executables = new Map<string, Promise<string>>();

/** Runs a script on a version of Node, which its child processes use, too. */
export async function runOnNode(version: string, args: readonly string[], cwd: string): Promise<string> {
  // Found once for each version: npx takes longer than most of the scripts.
  let executable = executables.get(version);
  if (!executable) {
    executable = run('npx', ['--yes', '-p', `node@${version}`, 'node', '-p', 'process.execPath'], tmpdir());
    executables.set(version, executable);
    // The next check tries again.
    executable.catch(() => executables.delete(version));
  }
  const node = (await executable).trim();
  const PATH = [dirname(node), process.env['PATH']].join(delimiter);
  return run(node, args, cwd, { ...process.env, PATH });
}

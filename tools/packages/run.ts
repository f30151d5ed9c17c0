import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a command and returns what it printed. @throws Error with all that it printed when it fails */
export async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { cwd, maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr || message}`);
  }
}

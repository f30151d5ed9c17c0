import { hostProcess } from './host-process.ts';

/** Reads an environment variable. An empty one counts as not set, as in a shell; undefined where there are none. */
export function readVariable(name: string): string | undefined {
  try {
    const env = hostProcess()?.env;
    return env && Object.hasOwn(env, name) ? env[name] || undefined : undefined;
  } catch {
    // Runtimes that protect variables with permissions, such as Deno, throw. Then the variable counts as not set.
    return undefined;
  }
}

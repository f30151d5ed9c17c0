import { hostProcess } from './host-process.ts';

/** Reads a variable; an empty one counts as not set, as in a shell. Undefined where there are no variables. */
export function readVariable(name: string): string | undefined {
  try {
    return hostProcess()?.env?.[name] || undefined;
  } catch {
    // Runtimes that guard variables with permissions throw: then there is nothing that this program may know.
    return undefined;
  }
}

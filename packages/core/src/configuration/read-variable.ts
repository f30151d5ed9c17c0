import { hostProcess } from './host-process.ts';

/** The variables that core reads. */
export const variableNames = [
  'INSTELLIX_ENVIRONMENT',
  'INSTELLIX_API_URL',
  'INSTELLIX_TOKEN_URL',
  'INSTELLIX_REALM',
  'INSTELLIX_CLIENT_ID',
  'INSTELLIX_CLIENT_SECRET',
  'INSTELLIX_CLIENT_SECRET_FILE',
  'INSTELLIX_MIN_INTERVAL_MS',
  'INSTELLIX_DEBUG',
] as const;

export type VariableName = (typeof variableNames)[number];

/** Reads an environment variable. An empty one counts as not set, as in a shell; undefined where there are none. */
export function readVariable(name: VariableName): string | undefined {
  try {
    const env = hostProcess()?.env;
    return env && Object.hasOwn(env, name) ? env[name] || undefined : undefined;
  } catch {
    // Runtimes that protect variables with permissions, such as Deno, throw. Then the variable counts as not set.
    return undefined;
  }
}

/**
 * Names the `INSTELLIX_` variables that no client reads, which are probably misspelled. Those of the emulator are known. Undefined when
 * there are none.
 */
export function describeUnknownVariables(): string | undefined {
  const unknown = listVariables().filter(
    (name) => /^INSTELLIX_(?!EMULATOR_)/.test(name) && !variableNames.some((known) => known === name),
  );
  return unknown.length > 0 ? `Set, but not read by any client: ${unknown.join(', ')}. Check the spelling.` : undefined;
}

function listVariables(): string[] {
  try {
    return Object.keys(hostProcess()?.env ?? {});
  } catch {
    // As above.
    return [];
  }
}

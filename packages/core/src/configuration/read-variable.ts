import { hostProcess } from './host-process.ts';

/** The variables that stand in for options that are left out. */
export type EnvironmentVariable =
  | 'INSTELLIX_ENVIRONMENT'
  | 'INSTELLIX_API_URL'
  | 'INSTELLIX_TOKEN_URL'
  | 'INSTELLIX_REALM'
  | 'INSTELLIX_CLIENT_ID'
  | 'INSTELLIX_CLIENT_SECRET'
  | 'INSTELLIX_CLIENT_SECRET_FILE';

/** Reads a variable; an empty one counts as not set, as in a shell. Undefined where there are no variables. */
export function readVariable(name: EnvironmentVariable): string | undefined {
  try {
    return hostProcess()?.env?.[name] || undefined;
  } catch {
    // Runtimes that guard variables with permissions throw: then there is nothing that this program may know.
    return undefined;
  }
}

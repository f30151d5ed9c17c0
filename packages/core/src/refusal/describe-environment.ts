import type { Environment } from '../environment/environment.ts';

/** Describes an environment in a message of an adapter. The token URL contains the realm. */
export function describeEnvironment({ name, tokenUrl }: Pick<Environment, 'name' | 'tokenUrl'>): string {
  return `environment ${name} (tokens of ${tokenUrl.href})`;
}

import { vi } from 'vitest';

const names = [
  'INSTELLIX_ENVIRONMENT',
  'INSTELLIX_API_URL',
  'INSTELLIX_TOKEN_URL',
  'INSTELLIX_REALM',
  'INSTELLIX_CLIENT_ID',
  'INSTELLIX_CLIENT_SECRET',
  'INSTELLIX_CLIENT_SECRET_FILE',
] as const;

/** Variables that a test sets. */
export type Variables = { readonly [name in (typeof names)[number]]?: string };

/** Unsets all variables of ours, whatever the machine has; for `beforeEach`. */
export function clearVariables(): void {
  for (const name of names) vi.stubEnv(name, undefined);
}

/** Sets some; the next {@link clearVariables} unsets them. */
export function setVariables(variables: Variables): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

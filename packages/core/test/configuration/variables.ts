import { vi } from 'vitest';

const names = [
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

/** The variables that core reads, as a test sets them. */
export type Variables = { readonly [name in (typeof names)[number]]?: string };

/** Unsets all of them, for `beforeEach`: a developer's machine may have some. */
export function clearVariables(): void {
  for (const name of names) vi.stubEnv(name, undefined);
}

/** Sets variables until the next {@link clearVariables}. */
export function setVariables(variables: Variables): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

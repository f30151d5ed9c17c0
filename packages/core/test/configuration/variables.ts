import { vi } from 'vitest';
import { type VariableName, variableNames } from '../../src/configuration/read-variable.ts';

/** The variables that core reads, as a test sets them. */
export type Variables = { readonly [name in VariableName]?: string };

/** Unsets all of them, for `beforeEach`: a developer's machine may have some. */
export function clearVariables(): void {
  for (const name of variableNames) vi.stubEnv(name, undefined);
}

/** Sets variables until the next {@link clearVariables}. */
export function setVariables(variables: Variables): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

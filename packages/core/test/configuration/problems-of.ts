import { ConfigurationError } from '../../src/error/configuration-error.ts';

/** Returns the problems of the ConfigurationError that `run` throws; none when it throws nothing. Throws any other error. */
export function problemsOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    return problemsIn(error);
  }
  return [];
}

/** Returns the problems of a ConfigurationError. Throws any other error. */
export function problemsIn(error: unknown): readonly string[] {
  if (error instanceof ConfigurationError) return error.problems;
  throw error;
}

import { ConfigurationError } from '../../src/error/configuration-error.ts';

/** The problems that a ConfigurationError reports; none when nothing is thrown. Any other error fails the test. */
export function problemsOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    return problemsIn(error);
  }
  return [];
}

/** The problems of an error that must be a ConfigurationError. */
export function problemsIn(error: unknown): readonly string[] {
  if (error instanceof ConfigurationError) return error.problems;
  throw error;
}

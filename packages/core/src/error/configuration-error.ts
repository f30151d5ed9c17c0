import { InstellixError } from './instellix-error.ts';

/**
 * The configuration cannot work; thrown when a client is made, or later by a secret that cannot be read.
 *
 * All problems are reported at once, each naming the option, its variable and the fix.
 */
export class ConfigurationError extends InstellixError {
  override get name(): 'ConfigurationError' {
    return 'ConfigurationError';
  }

  readonly code = 'configuration_invalid';
  readonly retryable = false;
  /** One sentence for each problem; never holds a secret. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(
      problems.length === 1
        ? `The instellix configuration is invalid: ${problems[0]}`
        : `The instellix configuration has ${problems.length} problems:\n${problems.map((problem) => `- ${problem}`).join('\n')}`,
      options,
    );
    this.problems = Object.freeze([...problems]);
  }
}

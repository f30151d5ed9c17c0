import { InstellixError } from './instellix-error.ts';

/**
 * The configuration cannot work. Thrown when a client is created, or later when the secret cannot be read.
 *
 * All problems are reported at once, each with the option, its variable and the fix.
 */
export class ConfigurationError extends InstellixError {
  override get name(): 'ConfigurationError' {
    return 'ConfigurationError';
  }

  readonly code = 'configuration_invalid';
  /** True only when the `clientSecret` function has thrown, or the secret file cannot be read any more: both may work again later. */
  readonly retryable: boolean;
  /** One sentence for each problem; never contains a secret. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: { readonly cause?: unknown; readonly retryable?: boolean }) {
    super(
      problems.length === 1
        ? `The instellix configuration is invalid: ${problems[0]}`
        : `The instellix configuration has ${problems.length} problems:\n${problems.map((problem) => `- ${problem}`).join('\n')}`,
      options?.cause,
    );
    this.retryable = options?.retryable ?? false;
    this.problems = Object.freeze([...problems]);
  }
}

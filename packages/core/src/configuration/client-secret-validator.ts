import { ConfigurationError } from '../error/configuration-error.ts';
import { createRedactor } from '../secret/redactor.ts';
import { sanitizeError } from '../secret/sanitize-error.ts';
import { validateSafely } from './object-validator.ts';
import { readSecretFile, secretFileVariable } from './read-secret-file.ts';
import { readVariable } from './read-variable.ts';
import { required, string, type Validator } from './validator.ts';

const secretVariable = 'INSTELLIX_CLIENT_SECRET';

/**
 * Determines the source of the secret, and checks the secret as far as that is possible before it is required.
 *
 * Returns a function that reads the secret each time. It rejects with a ConfigurationError when the secret is not usable.
 */
export const clientSecretValidator: Validator<() => Promise<string>> = (option, label, problems) => {
  if (typeof option === 'function') {
    const read = createSecretFunctionReader(option as () => unknown);
    return () => readLater(read, false);
  }
  const direct = option === undefined ? readVariable(secretVariable) : option;
  const path = option === undefined ? readVariable(secretFileVariable) : undefined;
  if (path === undefined) {
    const place = `${label} (variable ${secretVariable} or ${secretFileVariable})`;
    const secret = required(string())(direct, place, problems);
    return async () => secret;
  }
  if (direct !== undefined)
    problems.push(`${secretVariable} and ${secretFileVariable} are both set: unset one of them.`);
  // Read at once, so that a deployment fails rather than its first call.
  readSecretFile(path, problems);
  // It was usable when the client was created: while it is replaced, it may be missing for a moment.
  return () => readLater((late) => readSecretFile(path, late), true);
};

function createSecretFunctionReader(secretFunction: () => unknown): (problems: string[]) => Promise<string> {
  let last = '';
  return async (problems) => {
    let value: unknown;
    try {
      value = await secretFunction();
    } catch (thrown) {
      // A copy: the error of an HTTP client may hold the response of a vault, which contains the secret.
      const cause = sanitizeError(thrown, createRedactor([last]));
      throw new ConfigurationError(['The clientSecret function failed: see the cause of this error.'], {
        cause,
        retryable: true,
      });
    }
    last = validateSafely(
      required(string()),
      () => value,
      'The secret that the clientSecret function returned',
      problems,
    );
    return last;
  };
}

/** After the client was created, problems are reported to the callers that wait for a token. */
async function readLater(read: (problems: string[]) => string | Promise<string>, retryable: boolean): Promise<string> {
  const problems: string[] = [];
  const secret = await read(problems);
  if (problems.length > 0) throw new ConfigurationError(problems, { retryable });
  return secret;
}

import { ConfigurationError } from '../error/configuration-error.ts';
import { createRedactor } from '../secret/redactor.ts';
import { safeCause } from '../secret/safe-cause.ts';
import { throwIfAny } from './object-validator.ts';
import { required, type Validator, string } from './validator.ts';
import { readSecretFile, secretFileVariable } from './read-secret-file.ts';
import { readVariable } from './read-variable.ts';

const secretVariable = 'INSTELLIX_CLIENT_SECRET';

/**
 * Finds out where the secret comes from, and checks it as far as that is possible before it is required.
 *
 * The answer reads it anew each time; it rejects with a ConfigurationError when what it reads is no usable secret.
 */
export const clientSecretValidator: Validator<() => Promise<string>> = (option, label, problems) => {
  if (typeof option === 'function') return () => readLater((late) => askSecretFunction(option as () => unknown, late));
  const direct = option === undefined ? readVariable(secretVariable) : option;
  const path = option === undefined ? readVariable(secretFileVariable) : undefined;
  if (path === undefined) {
    const place = `${label} (variable ${secretVariable} or ${secretFileVariable})`;
    const secret = required(string())(direct, place, problems);
    return async () => secret;
  }
  if (direct !== undefined)
    problems.push(`${secretVariable} and ${secretFileVariable} are both set: unset one of them.`);
  // At once, so that a deployment fails rather than its first call.
  readSecretFile(path, problems);
  return () => readLater((late) => readSecretFile(path, late));
};

async function askSecretFunction(ask: () => unknown, problems: string[]): Promise<string> {
  let value: unknown;
  try {
    value = await ask();
  } catch (thrown) {
    // A copy: the error of an HTTP client holds the answer of a vault, with the secret in it.
    const cause = safeCause(thrown, createRedactor([]));
    throw new ConfigurationError(['The clientSecret function failed: see the cause of this error.'], { cause });
  }
  return required(string())(value, 'The secret that the clientSecret function returned', problems);
}

/** Long after the client was made, problems go to whoever asked. */
async function readLater(read: (problems: string[]) => string | Promise<string>): Promise<string> {
  const problems: string[] = [];
  const secret = await read(problems);
  throwIfAny(problems);
  return secret;
}

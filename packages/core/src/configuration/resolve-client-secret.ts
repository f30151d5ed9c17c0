import { ConfigurationError } from '../error/configuration-error.ts';
import { describeType } from './describe-value.ts';
import { Problems } from './problems.ts';
import { isMissing, readText } from './read-text.ts';
import { checkSecretFile, readSecretFile } from './secret-file.ts';
import { orVariable, type Setting } from './setting.ts';

/**
 * Finds out where the secret comes from, and checks it as far as that is possible before it is needed.
 *
 * The answer reads it anew each time; it rejects with a ConfigurationError when what it reads is no usable secret.
 */
export function resolveClientSecret(option: Setting, problems: Problems): () => Promise<string> {
  const { value } = option;
  if (typeof value === 'function') return () => askSecretFunction(value as () => unknown);
  const direct = orVariable(option, 'INSTELLIX_CLIENT_SECRET');
  const file = orVariable(option, 'INSTELLIX_CLIENT_SECRET_FILE');
  if (value === undefined && typeof file.value === 'string') {
    if (direct.value !== undefined)
      problems.add(`${direct.label} and ${file.label}`, 'are both set: unset one of them');
    const secretFile = { path: readText(file, problems), label: file.label };
    if (secretFile.path) checkSecretFile(secretFile, problems);
    return () => readSecretFile(secretFile);
  }
  const secret = readDirectSecret(direct, problems);
  return async () => secret;
}

function readDirectSecret(setting: Setting, problems: Problems): string {
  const { value, label } = setting;
  if (typeof value === 'string') return readText(setting, problems);
  if (value === undefined) {
    problems.add('clientSecret (variable INSTELLIX_CLIENT_SECRET or INSTELLIX_CLIENT_SECRET_FILE)', isMissing);
  } else {
    problems.add(label, `must be a string or a function that returns one, not ${describeType(value)}`);
  }
  return '';
}

async function askSecretFunction(ask: () => unknown): Promise<string> {
  let value: unknown;
  try {
    value = await ask();
  } catch (cause) {
    throw new ConfigurationError(['The clientSecret function failed: mend what the cause of this error says.'], {
      cause,
    });
  }
  const problems = new Problems();
  const secret = readText({ value, label: 'The secret that the clientSecret function returned' }, problems);
  problems.throwIfAny();
  return secret;
}

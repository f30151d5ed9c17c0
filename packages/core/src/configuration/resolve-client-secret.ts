import { ConfigurationError } from '../error/configuration-error.ts';
import { Problems } from './problems.ts';
import { readSecretFile } from './read-secret-file.ts';
import { readText } from './read-text.ts';
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
    const named = { path: readText(file, problems), label: file.label };
    // At once, so that a deployment fails rather than its first call.
    if (named.path) readSecretFile(named, problems);
    return async () => readOrThrow((later) => readSecretFile(named, later));
  }
  const anyWay = 'clientSecret (variable INSTELLIX_CLIENT_SECRET or INSTELLIX_CLIENT_SECRET_FILE)';
  const secret = readText(direct.value === undefined ? { ...direct, label: anyWay } : direct, problems);
  return async () => secret;
}

async function askSecretFunction(ask: () => unknown): Promise<string> {
  let value: unknown;
  try {
    value = await ask();
  } catch (cause) {
    throw new ConfigurationError(['The clientSecret function failed: see the cause of this error.'], {
      cause,
    });
  }
  return readOrThrow((problems) =>
    readText({ value, label: 'The secret that the clientSecret function returned' }, problems),
  );
}

/** Long after the client was made, problems go to whoever asked. */
function readOrThrow(read: (problems: Problems) => string): string {
  const problems = new Problems();
  const secret = read(problems);
  problems.throwIfAny();
  return secret;
}

import { statSync } from 'node:fs';
import { ConfigurationError } from '@instellix/core';
import { clientSecretValidator, object, readOptions } from '@instellix/core/adapter';
import { createStep, failed, passed } from '../doctor-step.ts';

/** Encoded for a form, it stays as it is. @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 */
const plain = /^[\w*.-]*$/;

const secretOptions = object({ clientSecret: clientSecretValidator });

/** Whether the secret can be read and used. */
export const secretSource = createStep({
  id: 'secret',
  title: 'client secret',
  needs: [],
  async run({ env }) {
    const file = env['INSTELLIX_CLIENT_SECRET_FILE'];
    let secret: string;
    try {
      secret = await readOptions(secretOptions, {}, (given) => given.clientSecret)();
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      return failed(error.problems.join(' '), findRemedy(file));
    }
    const facts = { isPlainCredential: plain.test(`${env['INSTELLIX_CLIENT_ID']}${secret}`) };
    if (!file) return passed('From INSTELLIX_CLIENT_SECRET.', facts);
    return passed(`From the file of INSTELLIX_CLIENT_SECRET_FILE: ${file}.`, facts, checkMode(file));
  },
});

function findRemedy(file: string | undefined): string {
  if (!file) {
    return 'Set INSTELLIX_CLIENT_SECRET to the secret exactly as the portal showed it, or INSTELLIX_CLIENT_SECRET_FILE to a file that holds it.';
  }
  return 'Name a file that this user can read, which holds the secret exactly as the portal showed it; one line break at its end does no harm.';
}

/** Windows has no modes. Containers mount secrets so that all their users can read them, which is no failure. */
function checkMode(file: string): string | undefined {
  const mode = statSync(file).mode & 0o777;
  if (process.platform === 'win32' || (mode & 0o077) === 0) return undefined;
  return `Other users of this machine can access the file (mode ${mode.toString(8)}): run chmod 600, unless this is a container.`;
}

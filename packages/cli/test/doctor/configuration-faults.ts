import { join } from 'node:path';
import { start } from '../emulators.ts';
import { folder } from '../run.ts';
import { type DoctorFault, unusedCredential, without, withSecret, write } from './doctor-fault.ts';

/** Faults of the variables and of the secret. */
export const configurationFaults: readonly DoctorFault[] = [
  { title: 'no variables', step: 'configuration', prepare: () => ({ env: {} }) },
  {
    title: 'a file of `--env-file` without variables',
    step: 'configuration',
    prepare: () => ({ env: {}, args: ['--env-file', write('other.env', '', 0o600)] }),
  },
  {
    title: 'a misspelled variable',
    step: 'configuration',
    async prepare() {
      const { env } = await start();
      const { INSTELLIX_CLIENT_ID = '' } = env as Record<string, string>;
      return { env: { ...without(env, 'INSTELLIX_CLIENT_ID'), INSTELLIX_CLIENTID: INSTELLIX_CLIENT_ID } };
    },
  },
  {
    title: 'another misspelled variable, which can be left out',
    step: 'configuration',
    isAdvice: true,
    async prepare() {
      return { env: { ...(await start()).env, INSTELLIX_MIN_INTERVAL: '0' } };
    },
  },
  {
    title: 'an environment that does not exist',
    step: 'configuration',
    prepare: () => ({ env: { ...unusedCredential, INSTELLIX_ENVIRONMENT: 'test' } }),
  },
  { title: 'no secret', step: 'secret', prepare: () => withSecret({}) },
  {
    title: 'a secret with a line break',
    step: 'secret',
    prepare: () => withSecret({ INSTELLIX_CLIENT_SECRET: 'planted-0f8d2c\n' }),
  },
  {
    title: 'a secret file that is missing',
    step: 'secret',
    prepare: () => withSecret({ INSTELLIX_CLIENT_SECRET_FILE: join(folder, 'missing') }),
  },
  {
    title: 'a secret file with two line breaks at its end',
    step: 'secret',
    prepare: () => withSecret({ INSTELLIX_CLIENT_SECRET_FILE: write('two-line-breaks', 'planted-0f8d2c\n\n', 0o600) }),
  },
  {
    title: 'a secret file that other users can read',
    step: 'secret',
    isAdvice: true,
    async prepare() {
      const { env } = await start();
      const { INSTELLIX_CLIENT_SECRET = '' } = env as Record<string, string>;
      const file = write('readable', `${INSTELLIX_CLIENT_SECRET}\n`, 0o644);
      return { env: { ...without(env, 'INSTELLIX_CLIENT_SECRET'), INSTELLIX_CLIENT_SECRET_FILE: file } };
    },
  },
];

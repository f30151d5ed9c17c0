import { ConfigurationError, createInstellixClient } from '@instellix/core';
import { defaultMinIntervalMs } from '@instellix/core/adapter';
import { createStep, failed, passed } from '../doctor-step.ts';
import { describeUnknownVariables } from '../variables.ts';

/** All variables except those of the secret. */
export const configuration = createStep({
  id: 'configuration',
  title: 'configuration',
  needs: [],
  run({ env, envFile, tokenRequest }) {
    const unknown = describeUnknownVariables(env);
    try {
      // The secret has a step of its own, and nothing is requested here.
      const { environment, close } = createInstellixClient({ tokenRequest, clientSecret: () => '' });
      void close();
      const from = envFile.names.length === 0 ? '' : ` From ${envFile.file}: ${envFile.names.join(', ')}.`;
      const minIntervalMs = Number(env['INSTELLIX_MIN_INTERVAL_MS'] || defaultMinIntervalMs);
      const where = `realm ${JSON.stringify(env['INSTELLIX_REALM'])} at ${environment.apiUrl.href}`;
      const verdict = `Environment ${environment.name}, ${where}.${from}`;
      return passed(verdict, { environment, minIntervalMs }, unknown || undefined);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      const where = envFile.skipped ?? 'Set the variables, or write them into .env in this directory.';
      return failed(error.problems.join(' '), `${unknown} ${where}`.trim());
    }
  },
});

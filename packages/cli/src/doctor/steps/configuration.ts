import { ConfigurationError } from '@instellix/core';
import { describeUnknownVariables, resolveConfiguration } from '@instellix/core/adapter';
import { createStep, failed, passed } from '../doctor-step.ts';

/** All variables except those of the secret. */
export const configuration = createStep({
  id: 'configuration',
  title: 'configuration',
  needs: [],
  run({ envFile, tokenRequest }) {
    try {
      // The secret has a step of its own.
      const { environment, realm, ...resolved } = resolveConfiguration({ tokenRequest, clientSecret: () => '' });
      const { minIntervalMs } = resolved.tokenRequest;
      const from = envFile.names.length === 0 ? '' : ` From ${envFile.file}: ${envFile.names.join(', ')}.`;
      const where = `realm ${JSON.stringify(realm)} at ${environment.apiUrl.href}`;
      const verdict = `Environment ${environment.name}, ${where}.${from}`;
      return passed(verdict, { environment, minIntervalMs }, describeUnknownVariables());
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      const where = envFile.skipped ?? `Set the variables, or write them into the file ${envFile.file}.`;
      return failed(error.problems.join(' '), where);
    }
  },
});

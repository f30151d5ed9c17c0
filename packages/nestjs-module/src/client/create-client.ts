import { ConfigurationError, createInstellixClient, type InstellixClient } from '@instellix/core';
import { clientValidator, hasOption, readOption } from '@instellix/core/adapter';
import { type Eager, eagerValidator, type InstellixModuleOptions } from '../module/instellix-module-options.ts';
import { isLiteral, omitOptions } from './select-options.ts';

/** The client of a module. */
export interface ModuleClient {
  readonly client: InstellixClient;
  /** False for an existing client, which the module does not close. */
  readonly isOurs: boolean;
  readonly eager: Eager;
}

/** What the call of `forRoot` or `forRootAsync` says about the options. */
export interface ModuleOptionsContext {
  /** Whether they are the options of `forRoot`, which include {@link staticKeys}. */
  readonly isStatic: boolean;
  /** The `eager` of `forRootAsync`, which applies when the options have none. */
  readonly eager: Eager | undefined;
}

/** Nest needs these before it calls a factory, so they have no effect in what the factory returns. */
const staticKeys = ['name', 'isGlobal', 'extraProviders'];
const moduleKeys = ['client', 'eager', ...staticKeys];

/**
 * Returns the client that the options of a module describe.
 *
 * @throws ConfigurationError with all problems at once
 */
export function createClient(options: InstellixModuleOptions, context: ModuleOptionsContext): ModuleClient {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError([
      `the options factory of InstellixModule must return an object, not ${options === null ? 'null' : typeof options}: return {} to use only the INSTELLIX_ variables.`,
    ]);
  }
  const problems: string[] = [];
  const misplaced = context.isStatic ? [] : staticKeys.filter((key) => hasOption(options, key));
  for (const key of misplaced) {
    problems.push(`${key} must be given to forRootAsync() itself: Nest needs it before it calls the factory.`);
  }
  const eager = eagerValidator(readOption(options, 'eager'), 'eager', problems) ?? context.eager ?? false;
  const isOurs = readOption(options, 'client') === undefined;
  const client = isOurs ? create(options, problems) : readClient(options, problems);
  if (!client || problems.length > 0) throw new ConfigurationError(problems);
  return { client, isOurs, eager };
}

function create(options: object, problems: string[]): InstellixClient | undefined {
  try {
    return createInstellixClient(omitOptions(options, moduleKeys));
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

function readClient(options: object, problems: string[]): InstellixClient | undefined {
  const others = isLiteral(options) ? Object.entries(omitOptions(options, moduleKeys)) : [];
  const excluded = others.filter(([, value]) => value !== undefined).map(([key]) => key);
  if (excluded.length > 0)
    problems.push(`client excludes ${excluded.join(', ')}: it was created with its own options.`);
  return clientValidator(readOption(options, 'client'), 'client', problems);
}

import { ConfigurationError, createInstellixClient, type InstellixClient } from '@instellix/core';
import { clientValidator } from '@instellix/core/adapter';
import { isPlainObject } from '../module/check-module-options.ts';
import type { InstellixModuleOptions } from '../module/instellix-module-options.interface.ts';
import { type Eager, eagerValidator } from './eager.ts';

/** A client of an application, and what the application owes to it. */
export interface ModuleClient {
  readonly client: InstellixClient;
  /** False for one that was given to us. */
  readonly isOurs: boolean;
  readonly eager: Eager;
}

/** What Nest reads before a factory runs, and would ignore in its answer. */
const staticKeys = ['name', 'isGlobal', 'extraProviders'];

/**
 * Makes the client that the options of a module ask for.
 *
 * @throws ConfigurationError with all problems at once
 */
export function createClient(options: InstellixModuleOptions): ModuleClient {
  if (!isPlainObject(options)) {
    const [, kind] = Object.prototype.toString.call(options).slice(1, -1).toLowerCase().split(' ');
    throw new ConfigurationError([
      `the options factory of InstellixModule must return an object, not ${kind}: {} when the INSTELLIX_ variables say it all.`,
    ]);
  }
  const problems: string[] = [];
  const { client: given, eager, ...rest } = options;
  const core = withoutStaticKeys(rest, problems);
  const isEager = eagerValidator(eager, 'eager', problems) ?? false;
  const client = given === undefined ? create(core, problems) : accept(given, Object.keys(core), problems);
  if (!client || problems.length > 0) throw new ConfigurationError(problems);
  return { client, isOurs: given === undefined, eager: isEager };
}

function withoutStaticKeys(options: object, problems: string[]): object {
  const misplaced = staticKeys.filter((key) => key in options);
  for (const key of misplaced) {
    problems.push(
      `${key} must be given to forRootAsync() itself, not returned by its factory: Nest reads it before that runs.`,
    );
  }
  return Object.fromEntries(Object.entries(options).filter(([key]) => !misplaced.includes(key)));
}

/** Adds the problems that core finds to ours. */
function create(options: object, problems: string[]): InstellixClient | undefined {
  try {
    return createInstellixClient(options);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

function accept(client: unknown, others: readonly string[], problems: string[]): InstellixClient | undefined {
  if (others.length > 0)
    problems.push(`client excludes ${others.join(', ')}: it has been made of such options already.`);
  return clientValidator(client, 'client', problems);
}

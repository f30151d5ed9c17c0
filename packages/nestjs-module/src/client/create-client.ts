import { ConfigurationError, createInstellixClient, type InstellixClient } from '@instellix/core';
import type { InstellixModuleOptions } from '../module/instellix-module-options.interface.ts';

/** A client of an application, and what the application owes to it. */
export interface ModuleClient {
  readonly client: InstellixClient;
  /** False for one that was given to us. */
  readonly isOurs: boolean;
  readonly eager: false | 'warn' | 'fail';
}

const clientMethods = ['getToken', 'peekToken', 'fetch', 'status', 'subscribe', 'close'] as const;
/** What Nest reads before a factory runs, and would ignore in its answer. */
const staticKeys = ['name', 'isGlobal', 'extraProviders'];

/**
 * Makes the client that the options of a module ask for.
 *
 * @throws ConfigurationError with all problems at once
 */
export function createClient(options: InstellixModuleOptions): ModuleClient {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError([
      `the options factory of InstellixModule must return an object, not ${options}: {} when the INSTELLIX_ variables say it all.`,
    ]);
  }
  const misplaced = staticKeys.filter((key) => key in options);
  const { client, eager = false, ...core } = options;
  for (const key of misplaced) delete (core as Record<string, unknown>)[key];
  const problems = misplaced.map(
    (key) =>
      `${key} must be given to forRootAsync() itself, not returned by its factory: Nest reads it before that runs.`,
  );
  if (![false, 'warn', 'fail'].includes(eager)) problems.push("eager must be false, 'warn' or 'fail'.");
  const found = client === undefined ? attempt(() => createInstellixClient(core), problems) : client;
  if (client !== undefined) problems.push(...objections(client, Object.keys(core)));
  if (!found || problems.length > 0) throw new ConfigurationError(problems);
  return { client: found, isOurs: client === undefined, eager };
}

/** Adds the problems that core finds to ours. */
function attempt<T>(create: () => T, problems: string[]): T | undefined {
  try {
    return create();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

function objections(client: InstellixClient, others: readonly string[]): string[] {
  const problems: string[] = [];
  const isClient = clientMethods.every((method) => typeof client?.[method] === 'function');
  if (!isClient) problems.push('client must be what createInstellixClient() returns.');
  if (others.length > 0)
    problems.push(`client excludes ${others.join(', ')}: it has been made of such options already.`);
  return problems;
}

import { ConfigurationError, createInstellixClient, type InstellixClient } from '@instellix/core';
import { clientValidator, hasOption, readOption } from '@instellix/core/adapter';
import { isPlainObject } from '../module/check-module-options.ts';
import type { InstellixModuleOptions } from '../module/instellix-module-options.interface.ts';
import { namesOfOptions, withoutModuleOptions } from './core-options.ts';
import { type Eager, eagerValidator } from './eager.ts';

/** A client of an application, and what the application owes to it. */
export interface ModuleClient {
  readonly client: InstellixClient;
  /** False for one that was given to us. */
  readonly isOurs: boolean;
  readonly eager: Eager;
}

/** Nest reads these before a factory runs, and ignores them in what the factory returns. */
const staticKeys = ['name', 'isGlobal', 'extraProviders'] as const;

/** What is known about the options of a module besides themselves. */
export interface ModuleOptionsContext {
  /** Whether the options are those of `forRoot`, which may have the static keys. */
  readonly isStatic: boolean;
  /** The `eager` of `forRootAsync`, for options without one. */
  readonly eager: Eager | undefined;
}

const noContext: ModuleOptionsContext = { isStatic: false, eager: undefined };

/**
 * Creates the client that the options of a module describe.
 *
 * @throws ConfigurationError with all problems at once
 */
export function createClient(options: InstellixModuleOptions, context: ModuleOptionsContext = noContext): ModuleClient {
  if (!isPlainObject(options)) {
    const [, kind] = Object.prototype.toString.call(options).slice(1, -1).toLowerCase().split(' ');
    throw new ConfigurationError([
      `the options factory of InstellixModule must return an object, not ${kind}: {} when the INSTELLIX_ variables say it all.`,
    ]);
  }
  const problems: string[] = [];
  if (!context.isStatic) checkStaticKeys(options, problems);
  const given = readOption(options, 'client');
  const eager = eagerValidator(readOption(options, 'eager'), 'eager', problems) ?? context.eager ?? false;
  const core = withoutModuleOptions(options, ['client', 'eager', ...staticKeys]);
  const client = given === undefined ? create(core, problems) : accept(given, core, problems);
  if (!client || problems.length > 0) throw new ConfigurationError(problems);
  return { client, isOurs: given === undefined, eager };
}

function checkStaticKeys(options: object, problems: string[]): void {
  for (const key of staticKeys.filter((name) => hasOption(options, name))) {
    problems.push(
      `${key} must be given to forRootAsync() itself, not returned by its factory: Nest reads it before that runs.`,
    );
  }
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

function accept(client: unknown, core: object, problems: string[]): InstellixClient | undefined {
  const others = namesOfOptions(core);
  if (others.length > 0) {
    problems.push(`client excludes ${others.join(', ')}: it has been made of such options already.`);
  }
  return clientValidator(client, 'client', problems);
}

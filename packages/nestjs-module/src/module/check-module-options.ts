import { callable, group, listOf, type OptionRule, optional, readOptions } from '@instellix/core/options';
import { eagerRule } from '../client/eager.ts';
import type { InstellixModuleAsyncOptions, InstellixModuleExtras } from './instellix-module-options.interface.ts';

const anything: OptionRule<unknown> = (value) => value;

/** A name of a client; an empty one would be no name, and yet not the unnamed client. */
export const nameRule: OptionRule<string | undefined> = optional<string>(
  'a text that is not empty; leave it out for the unnamed client',
  (value) => typeof value === 'string' && value.trim() !== '',
);
/** Whether all modules see what a module exports. */
export const isGlobalRule: OptionRule<boolean | undefined> = optional<boolean>(
  'true or false',
  (value) => typeof value === 'boolean',
);

const extras = { name: nameRule, isGlobal: isGlobalRule, extraProviders: listOf(anything) };
const sources = ['useFactory', 'useClass', 'useExisting'] as const;
const asyncRule = group({
  ...extras,
  imports: listOf(anything),
  inject: listOf(anything),
  eager: eagerRule,
  useFactory: callable(),
  useClass: callable(),
  useExisting: anything,
});

/** @throws ConfigurationError with all that is wrong with what Nest must know before core reads the rest */
export function checkExtras({ name, isGlobal, extraProviders }: InstellixModuleExtras): void {
  readOptions(group(extras), { name, isGlobal, extraProviders }, Object, 'InstellixModule.forRoot()');
}

/** @throws ConfigurationError with all that is wrong with the arguments of `forRootAsync` */
export function checkAsyncOptions(options: InstellixModuleAsyncOptions): void {
  const countSources = (given: object, problems: string[]) => {
    const present = sources.filter((key) => (given as Record<string, unknown>)[key] !== undefined);
    if (problems.length > 0 || present.length === 1) return;
    problems.push(
      `it needs one of ${sources.join(', ')}${present.length > 1 ? `, not ${present.join(' and ')}` : ''}.`,
    );
  };
  readOptions(asyncRule, options, countSources, 'InstellixModule.forRootAsync()');
}

import { ConfigurationError } from '@instellix/core';
import type { InstellixModuleAsyncOptions, InstellixModuleExtras } from './instellix-module-options.interface.ts';

const sources = ['useFactory', 'useClass', 'useExisting'] as const;
const asyncKeys: readonly string[] = [...sources, 'inject', 'imports', 'eager', 'name', 'isGlobal', 'extraProviders'];

/** @throws ConfigurationError with all that is wrong with what Nest must know beforehand */
export function checkExtras(method: string, options: InstellixModuleExtras): void {
  refuse(isObject(options) ? extrasProblems(options) : [`the options of ${method}() must be an object.`]);
}

/** @throws ConfigurationError with all that is wrong with the arguments of `forRootAsync` */
export function checkAsyncOptions(options: InstellixModuleAsyncOptions): void {
  const given: Partial<InstellixModuleAsyncOptions> = isObject(options) ? options : {};
  const problems = extrasProblems(given);
  const named = sources.filter((key) => given[key] !== undefined);
  if (named.length === 0) problems.push('forRootAsync() needs one of useFactory, useClass and useExisting.');
  if (named.length > 1) problems.push(`forRootAsync() takes only one of ${named.join(' and ')}.`);
  for (const key of ['useFactory', 'useClass'] as const) {
    if (given[key] !== undefined && typeof given[key] !== 'function') problems.push(`${key} must be a function.`);
  }
  for (const key of ['inject', 'imports'] as const) {
    if (given[key] !== undefined && !Array.isArray(given[key])) problems.push(`${key} must be a list.`);
  }
  for (const key of Object.keys(given)) {
    if (asyncKeys.includes(key)) continue;
    problems.push(`${key} is not an option of forRootAsync(): if it is the client's, the factory must return it.`);
  }
  refuse(problems);
}

function extrasProblems({ name, isGlobal, extraProviders }: InstellixModuleExtras): string[] {
  const problems: string[] = [];
  if (name !== undefined && (typeof name !== 'string' || name.trim() === '')) {
    problems.push('name must be a text that is not empty; leave it out for the unnamed client.');
  }
  if (isGlobal !== undefined && typeof isGlobal !== 'boolean') problems.push('isGlobal must be true or false.');
  if (extraProviders !== undefined && !Array.isArray(extraProviders)) problems.push('extraProviders must be a list.');
  return problems;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new ConfigurationError(problems);
}

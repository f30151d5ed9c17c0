import { describe, expect, test } from 'vitest';
import { InstellixModule, type InstellixModuleAsyncOptions } from '../../src/index.ts';
import { problemsOf } from '../application.ts';

const useFactory = () => ({});
class Options {
  createInstellixOptions = useFactory;
}

const mistakes: [unknown, string[]][] = [
  [undefined, ['needs one of useFactory, useClass, useExisting.']],
  [{}, ['needs one of useFactory, useClass, useExisting.']],
  [null, ['options must be an object']],
  [{ useFactory, useClass: Options }, ['needs one of useFactory, useClass, useExisting, not useFactory and useClass.']],
  [{ useClass: Options, inject: ['realm'] }, ['inject is only for useFactory']],
  [{ useFactory: {} }, ['useFactory must be a function']],
  [{ useClass: 'Options' }, ['useClass must be a function']],
  [{ useFactory, inject: Options }, ['inject must be an array']],
  [{ useFactory, imports: Options }, ['imports must be an array']],
  [{ useFactory, name: '' }, ['name must be a non-empty string']],
  [{ useFactory, name: 7, isGlobal: 'yes', extraProviders: {} }, ['name must', 'isGlobal must', 'extraProviders must']],
  [{ useFactory, eager: 'maybe' }, ["eager must be false, 'warn' or 'fail'"]],
  [{ useFactory, realm: 'acme' }, ['not "realm"']],
];

describe('forRootAsync throws at the line that calls it', () => {
  test.each(mistakes)('%j', async (options, expected) => {
    const problems = await problemsOf(() => InstellixModule.forRootAsync(options as InstellixModuleAsyncOptions));
    expect(problems).toEqual(expected.map((text) => expect.stringContaining(text)));
    for (const problem of problems) expect(problem).toMatch(/^InstellixModule\.forRootAsync\(\): .+$/);
  });
});

describe('forRoot throws at the line that calls it', () => {
  test.each([
    [{ name: ' ' }, 'name must be a non-empty string'],
    [{ isGlobal: 1 }, 'isGlobal must be true or false'],
    [null, 'options must be an object'],
    ['sandbox', 'options must be an object'],
  ])('%j', async (options, expected) => {
    expect(await problemsOf(() => InstellixModule.forRoot(options as never))).toEqual([
      expect.stringContaining(expected),
    ]);
  });
});

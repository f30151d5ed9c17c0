import { describe, expect, test } from 'vitest';
import { InstellixModule, type InstellixModuleAsyncOptions } from '../../src/index.ts';
import { problemsOf } from '../application.ts';

const useFactory = () => ({});
class Made {
  createInstellixOptions = useFactory;
}

const mistakes: [unknown, string[]][] = [
  [undefined, ['needs one of useFactory, useClass, useExisting.']],
  [{}, ['needs one of useFactory, useClass, useExisting.']],
  [null, ['options must be an object']],
  [{ useFactory, useClass: Made }, ['needs one of useFactory, useClass, useExisting, not useFactory and useClass.']],
  [{ useClass: Made, inject: ['realm'] }, ['inject is for useFactory']],
  [{ useFactory: {} }, ['useFactory must be a function']],
  [{ useClass: 'Made' }, ['useClass must be a function']],
  [{ useFactory, inject: Made }, ['inject must be an array']],
  [{ useFactory, imports: Made }, ['imports must be an array']],
  [{ useFactory, name: '' }, ['name must be a text']],
  [{ useFactory, name: 7, isGlobal: 'yes', extraProviders: {} }, ['name must', 'isGlobal must', 'extraProviders must']],
  [{ useFactory, eager: 'maybe' }, ["eager must be false, 'warn' or 'fail'"]],
  [{ useFactory, realm: 'acme' }, ['not "realm"']],
];

describe('what is wrong with forRootAsync is said at the line that calls it', () => {
  test.each(mistakes)('%j', async (options, expected) => {
    const problems = await problemsOf(() => InstellixModule.forRootAsync(options as InstellixModuleAsyncOptions));
    expect(problems).toEqual(expected.map((text) => expect.stringContaining(text)));
    for (const problem of problems) expect(problem).toMatch(/^InstellixModule\.forRootAsync\(\): .+$/);
  });
});

describe('what is wrong with forRoot is said at the line that calls it', () => {
  test.each([
    [{ name: ' ' }, 'name must be a text'],
    [{ isGlobal: 1 }, 'isGlobal must be true or false'],
    [null, 'options must be an object'],
    ['sandbox', 'options must be an object'],
    [[], 'options must be an object'],
  ])('%j', async (options, expected) => {
    expect(await problemsOf(() => InstellixModule.forRoot(options as never))).toEqual([
      expect.stringContaining(expected),
    ]);
  });
});

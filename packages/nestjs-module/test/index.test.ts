import { expect, test } from 'vitest';
import * as axios from '../src/axios/index.ts';
import * as names from '../src/index.ts';
import * as terminus from '../src/terminus/index.ts';
import * as testing from '../src/testing/index.ts';

test('the public names are these', () => {
  expect(Object.keys(names).sort()).toEqual([
    'InjectInstellixClient',
    'InstellixClient',
    'InstellixExceptionFilter',
    'InstellixModule',
    'getInstellixClientToken',
  ]);
  expect(Object.keys(axios).sort()).toEqual([
    'InjectInstellixHttpService',
    'InstellixHttpModule',
    'InstellixHttpService',
    'getInstellixHttpServiceToken',
  ]);
  expect(Object.keys(terminus)).toEqual(['InstellixHealthIndicator']);
  expect(Object.keys(testing)).toEqual(['provideInstellixClient']);
});

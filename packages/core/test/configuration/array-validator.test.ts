import { expect, test } from 'vitest';
import { arrayOf } from '../../src/configuration/array-validator.ts';
import { object, readOptions } from '../../src/configuration/object-validator.ts';
import { number, required } from '../../src/configuration/validator.ts';
import { problemsOf } from './problems-of.ts';

const ports = (minLength: number) => object({ ports: required(arrayOf(required(number(1, 65_535)), minLength)) });

test('validates each element, and names the index of a wrong one', () => {
  expect(problemsOf(() => readOptions(ports(0), { ports: [80, 0, '1'] }, Object, 'listener'))).toEqual([
    'listener: ports[1] must be a number from 1 to 65535, not 0.',
    'listener: ports[2] must be a number from 1 to 65535.',
  ]);
});

test.each([
  ['nothing', undefined, 'ports is missing: set it.'],
  ['an empty array', [], 'ports must be an array of at least 1, not a value of type Array.'],
  [
    'an object that resembles an array',
    { length: 1, 0: 80 },
    'ports must be an array of at least 1, not a value of type Object.',
  ],
])('refuses %s where an array of at least one element is required', (_, given, problem) => {
  expect(problemsOf(() => readOptions(ports(1), { ports: given }, Object))).toEqual([problem]);
});

test('returns a copy, which changes to the array do not affect', () => {
  const given = [80];
  const { ports: read } = readOptions(ports(1), { ports: given }, (options) => options);
  given.push(0);
  expect(read).toEqual([80]);
});

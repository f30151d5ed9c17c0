import { expect, test } from 'vitest';
import { listOf } from '../../src/configuration/list-rule.ts';
import { group, readOptions } from '../../src/configuration/option-group.ts';
import { needed, number } from '../../src/configuration/option-rule.ts';
import { problemsOf } from './problems-of.ts';

const ports = (least: number) => group({ ports: needed(listOf(needed(number(1, 65_535)), least)) });

test('each element of a list has its rule, and a problem says which one it is', () => {
  expect(problemsOf(() => readOptions(ports(0), { ports: [80, 0, '1'] }, Object, 'listener'))).toEqual([
    'listener: ports[1] must be a number from 1 to 65535, not 0.',
    'listener: ports[2] must be a number from 1 to 65535.',
  ]);
});

test.each([
  ['none', undefined, 'ports is missing: set it.'],
  ['an empty one', [], 'ports must be a list of at least 1, not a value of type object.'],
  [
    'an object that looks like one',
    { length: 1, 0: 80 },
    'ports must be a list of at least 1, not a value of type object.',
  ],
])('a list that must be there is missed: %s', (_, given, problem) => {
  expect(problemsOf(() => readOptions(ports(1), { ports: given }, Object))).toEqual([problem]);
});

test('nobody changes what was read by changing the list', () => {
  const given = [80];
  const { ports: read } = readOptions(ports(1), { ports: given }, (options) => options);
  given.push(0);
  expect(read).toEqual([80]);
});

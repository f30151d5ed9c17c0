import { beforeEach, expect, it } from 'vitest';
import { orVariable } from '../../src/configuration/setting.ts';
import { clearVariables, setVariables } from './variables.ts';

beforeEach(clearVariables);

it('names what the value came from first, so that people look there', () => {
  setVariables({ INSTELLIX_REALM: 'from-variable' });
  expect(orVariable({ value: 'from-option', label: 'realm' }, 'INSTELLIX_REALM')).toEqual({
    value: 'from-option',
    label: 'realm (variable INSTELLIX_REALM)',
  });
  expect(orVariable({ value: undefined, label: 'realm' }, 'INSTELLIX_REALM')).toEqual({
    value: 'from-variable',
    label: 'INSTELLIX_REALM (option realm)',
  });
});

it.each(['', null, 0, false])('does not replace %j, which is wrong but was given', (value) => {
  setVariables({ INSTELLIX_REALM: 'from-variable' });
  expect(orVariable({ value, label: 'realm' }, 'INSTELLIX_REALM').value).toBe(value);
});

it('names both ways to set what is missing', () => {
  expect(orVariable({ value: undefined, label: 'realm' }, 'INSTELLIX_REALM')).toEqual({
    value: undefined,
    label: 'realm (variable INSTELLIX_REALM)',
  });
});

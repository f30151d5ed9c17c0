import { expect, it } from 'vitest';
import { hostProcess } from '../../src/configuration/host-process.ts';

it('finds the process of Node, and does not fail where the very name is unknown', () => {
  expect(hostProcess()).toBe(process);
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'process') as PropertyDescriptor;
  // An undefined one would not do: only a name that is not declared makes code fail that merely mentions it.
  Reflect.deleteProperty(globalThis, 'process');
  try {
    expect(hostProcess()).toBeUndefined();
  } finally {
    Object.defineProperty(globalThis, 'process', descriptor);
  }
});

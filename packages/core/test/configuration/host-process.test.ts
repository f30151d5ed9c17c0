import { expect, it } from 'vitest';
import { hostProcess } from '../../src/configuration/host-process.ts';

it('returns the process of Node, and undefined where the name is not declared', () => {
  expect(hostProcess()).toBe(process);
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'process') as PropertyDescriptor;
  // Deleted, not set to undefined: only a name that is not declared throws when it is read.
  Reflect.deleteProperty(globalThis, 'process');
  try {
    expect(hostProcess()).toBeUndefined();
  } finally {
    Object.defineProperty(globalThis, 'process', descriptor);
  }
});

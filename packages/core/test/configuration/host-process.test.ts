import { expect, it, vi } from 'vitest';
import { hostProcess } from '../../src/configuration/host-process.ts';

it('finds the process of Node, and none where there is none', () => {
  expect(hostProcess()).toBe(process);
  vi.stubGlobal('process', undefined);
  const elsewhere = hostProcess();
  vi.unstubAllGlobals();
  expect(elsewhere).toBeUndefined();
});

import { expect, test } from 'vitest';
import { getInstellixClientToken, InstellixClient } from '../../src/index.ts';
import { boot, problemsOf } from '../application.ts';

test('the token of the unnamed client is the class-like InstellixClient', () => {
  expect(getInstellixClientToken()).toBe(InstellixClient);
  expect(InstellixClient.name).toBe('InstellixClient');
});

test('the token of a named client is a readable string, which all copies of this package share', () => {
  expect(getInstellixClientToken('billing')).toBe('InstellixClient(billing)');
});

test('InstellixClient among the providers fails the bootstrap with what to write instead', async () => {
  const problems = await problemsOf(() => boot({ providers: [InstellixClient] }));
  expect(problems).toEqual([expect.stringMatching(/import InstellixModule\.forRoot\(\)/)]);
});

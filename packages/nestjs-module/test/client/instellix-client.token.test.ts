import { expect, test } from 'vitest';
import { getInstellixClientToken, InstellixClient } from '../../src/index.ts';
import { boot, problemsOf } from '../application.ts';

test('a token without a name is the class-like one, so that both ways to inject meet', () => {
  expect(getInstellixClientToken()).toBe(InstellixClient);
  expect(InstellixClient.name).toBe('InstellixClient');
});

test('a token with a name is the same in every copy of this package, and readable in Nest’s errors', () => {
  expect(getInstellixClientToken('billing')).toBe('InstellixClient(billing)');
});

test('whoever lists the token among the providers is told what to do instead', async () => {
  const problems = await problemsOf(() => boot({ providers: [InstellixClient] }));
  expect(problems).toEqual([expect.stringMatching(/import InstellixModule\.forRoot\(\)/)]);
});

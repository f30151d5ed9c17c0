import { expect, it } from 'vitest';
import { Problems } from '../../src/configuration/problems.ts';
import { problemsOf } from './problems-of.ts';

it('reports all problems in one error, in their order', () => {
  const problems = new Problems();
  problems.add('realm', 'is missing');
  problems.add('clientId', 'is missing');
  expect(problemsOf(() => problems.throwIfAny())).toEqual(['realm is missing.', 'clientId is missing.']);
});

it('does not stand in the way of a configuration without problems', () => {
  expect(problemsOf(() => new Problems().throwIfAny())).toEqual([]);
});

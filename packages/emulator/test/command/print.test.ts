import * as v from 'valibot';
import { expect, test } from 'vitest';
import { resultLines } from '../../src/command/print.ts';
import { instant, object } from '../../src/state/schemas.ts';

const at = Date.UTC(2026, 0);

test('prints the members that the schema calls instants as ISO 8601', () => {
  const result = object({ endsAt: v.pipe(instant, v.description('The end')), at: v.number() });
  expect(resultLines({ result }, { endsAt: at, at: 5 })).toEqual([
    'ends at        2026-01-01T00:00:00.000Z',
    'at             5',
  ]);
});

test('prints one line per entry of a list', () => {
  const result = object({ list: v.array(object({ name: v.string(), since: v.optional(instant) })) });
  const list = [{ name: 'a', since: at }, { name: 'b' }];
  expect(resultLines({ result }, { list })).toEqual(['a  2026-01-01T00:00:00.000Z', 'b']);
});

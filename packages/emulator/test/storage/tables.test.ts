import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { SCHEMA } from '../../src/storage/schema.ts';
import { Statements } from '../../src/storage/statements.ts';
import { auditTable } from '../../src/storage/tables.ts';

test('the audit log keeps the newest entries, and removes older ones in batches of 100', () => {
  const database = new DatabaseSync(':memory:');
  database.exec(SCHEMA);
  const audit = auditTable(new Statements(database), 250);
  const entry = { actor: 'admin', act: 'sign in', subject: 'admin', outcome: 'done', detail: '' } as const;
  for (let at = 1; at <= 1_050; at += 1) audit.add({ at, ...entry });
  const kept = audit.list(Number.MAX_SAFE_INTEGER, 10_000).map(({ at }) => at);
  expect(kept).toEqual(Array.from({ length: 300 }, (_, index) => 1_050 - index));
  database.close();
});

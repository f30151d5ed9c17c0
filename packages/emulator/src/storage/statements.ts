import type { DatabaseSync, SQLInputValue } from 'node:sqlite';

/** The members that are lists of strings. They are stored as JSON. */
const LISTS = ['roles', 'scopes'];

type Value = string | number | Uint8Array | undefined | readonly string[];

/** Prepares statements. Each method returns a function that runs the statement. */
export class Statements {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** A statement that returns rows. Each column is a member; one that is NULL is left out. */
  all<Parameters extends readonly Value[], Row>(sql: string): (...parameters: Parameters) => Row[] {
    const statement = this.#database.prepare(sql);
    return (...parameters) => statement.all(...parameters.map(toColumn)).map(toRow<Row>);
  }

  /** A statement that returns at most one row. */
  one<Parameters extends readonly Value[], Row = object>(sql: string): (...parameters: Parameters) => Row | undefined {
    const all = this.all<Parameters, Row>(sql);
    return (...parameters) => all(...parameters)[0];
  }

  /** A statement that returns no rows. */
  run<Parameters extends readonly Value[]>(sql: string): (...parameters: Parameters) => void {
    const statement = this.#database.prepare(sql);
    return (...parameters) => void statement.run(...parameters.map(toColumn));
  }

  /** The insertion of a row, which returns its number. Columns that the row does not have are NULL. */
  insert<Row extends object>(table: string): (row: Row) => number {
    const columns = this.#database.prepare('SELECT name FROM pragma_table_info(?)').all(table);
    const names = columns.map(({ name }) => name as keyof Row);
    const marks = names.map(() => '?').join(', ');
    const statement = this.#database.prepare(`INSERT INTO ${table} VALUES (${marks})`);
    return (row) => Number(statement.run(...names.map((name) => toColumn(row[name] as Value))).lastInsertRowid);
  }

  /** Returns a function that runs several writes, which must be synchronous, as one transaction. */
  transaction(): <Result>(work: () => Result) => Result {
    const [begin, commit, rollback] = [this.run('BEGIN IMMEDIATE'), this.run('COMMIT'), this.run('ROLLBACK')];
    return (work) => {
      begin();
      try {
        const result = work();
        commit();
        return result;
      } catch (error) {
        rollback();
        throw error;
      }
    };
  }
}

function toColumn(value: Value): SQLInputValue {
  return Array.isArray(value) ? JSON.stringify(value) : ((value ?? null) as SQLInputValue);
}

// The columns are STRICT, so that their types are known.
function toRow<Row>(columns: Readonly<Record<string, unknown>>): Row {
  const row: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(columns)) {
    if (value !== null) row[name] = LISTS.includes(name) ? JSON.parse(value as string) : value;
  }
  return row as Row;
}

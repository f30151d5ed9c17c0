import { optional, type Validator } from '@instellix/core/adapter';

/** When the first token of a client is obtained, and what becomes of a bootstrap in which that fails. */
export type Eager = false | 'warn' | 'fail';

/** Reads an {@link Eager}. */
export const eagerValidator: Validator<Eager | undefined> = optional<Eager>("false, 'warn' or 'fail'", (value) =>
  [false, 'warn', 'fail'].includes(value),
);

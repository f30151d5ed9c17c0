/**
 * Options as core reads its own: each has a rule, unknown keys are refused, and all problems are reported at once. For those who
 * write adapters and stores.
 *
 * @module
 */
export { clientRule } from './client/client-rule.ts';
export { listOf } from './configuration/list-rule.ts';
export { group, readOptions } from './configuration/option-group.ts';
export {
  callable,
  either,
  needed,
  number,
  type OptionRule,
  optional,
  withMethods,
} from './configuration/option-rule.ts';

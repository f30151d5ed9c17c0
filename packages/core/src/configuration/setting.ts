import { type EnvironmentVariable, readVariable } from './read-variable.ts';

/** A value of unknown worth, and what to call it when it is wrong. */
export interface Setting {
  readonly value: unknown;
  /** The path of the option, then the other way to set it; whichever the value came from stands first. */
  readonly label: string;
}

/** Takes the variable's value where the option is left out. */
export function orVariable(option: Setting, name: EnvironmentVariable): Setting {
  const value = option.value === undefined ? readVariable(name) : undefined;
  return value === undefined
    ? { value: option.value, label: `${option.label} (variable ${name})` }
    : { value, label: `${name} (option ${option.label})` };
}

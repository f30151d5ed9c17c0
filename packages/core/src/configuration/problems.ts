import { ConfigurationError } from '../error/configuration-error.ts';

/** Collects what is wrong with a configuration, so that all of it is reported at once. */
export class Problems {
  readonly #sentences: string[] = [];

  /** Takes what is wrong and its fault: together a sentence without its full stop, which says how to mend it. */
  add(label: string, fault: string): void {
    this.#sentences.push(`${label} ${fault}.`);
  }

  /** @throws ConfigurationError when anything was added */
  throwIfAny(): void {
    if (this.#sentences.length > 0) throw new ConfigurationError(this.#sentences);
  }
}

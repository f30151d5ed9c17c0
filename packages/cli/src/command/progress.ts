import type { TokenEvent } from '@instellix/core';
import { type CommandIo, printError } from './command-io.ts';

/** A shorter wait is not worth a line, in milliseconds. */
const silentMs = 1_000;

/** Prints to standard error what a command waits for, once that has lasted for a second. */
export class Progress {
  readonly #io: CommandIo;
  #main = '';
  #printed = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(io: CommandIo) {
    this.#io = io;
  }

  /** Runs something that may take time. `label` is a sentence that says what it does. */
  async during<T>(label: string, act: () => Promise<T>): Promise<T> {
    this.#main = label;
    this.show(label);
    try {
      return await act();
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /** Replaces the sentence until the next one. */
  show(label: string): void {
    clearTimeout(this.#timer);
    // The parts of a response may come slowly, which is said only once.
    if (label === this.#printed) return;
    this.#timer = setTimeout(() => {
      this.#printed = label;
      printError(this.#io, label);
    }, silentMs);
    this.#timer.unref();
  }

  /** For `onEvent` of a client. */
  readonly onEvent = (event: TokenEvent): void => {
    const label = describeEvent(event);
    if (label) this.show(label);
    else if (event.type === 'token_obtained') this.show(this.#main);
  };
}

function describeEvent(event: TokenEvent): string | undefined {
  if (event.type === 'token_requested') return 'Waiting for the response of the token endpoint.';
  if (event.type !== 'waiting') return undefined;
  const time = event.waitMs === undefined ? '' : ` ${(event.waitMs / 1_000).toFixed(1)} s`;
  switch (event.for) {
    case 'throttle':
      return `Waiting${time}, because the token endpoint refuses requests that follow each other too soon.`;
    case 'retry':
      return `Waiting${time} before the next attempt.`;
    case 'other_process':
      return 'Waiting for another process, which requests the token.';
    case 'secret':
      return 'Waiting for the client secret.';
  }
}

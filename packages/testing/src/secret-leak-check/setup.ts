/**
 * Fails every test in which an error or an event shows a secret.
 *
 * The secrets and tokens of tests contain `planted`. No error and no event may show such a value, or its Basic form, in any way in which
 * a logger formats it, whether or not the test looks at that error or event.
 */
import { InstellixError } from '@instellix/core';
import { afterEach, expect } from 'vitest';
import { TokenEventEmitter } from '../../../core/src/token/token-event-emitter.ts';
import { findLeaks } from './find-leaks.ts';

/** Property tests create thousands of errors and events. Checking all of them would slow the suite down. */
const maxPerTest = 500;

let seen: unknown[] = [];
const secrets = new Set<string>();

function record(value: unknown): void {
  if (seen.length < maxPerTest) seen.push(value);
}

// `super()` looks up the parent class at each call, so that this class records every error.
Object.setPrototypeOf(
  InstellixError,
  class extends Error {
    constructor(message?: string, options?: ErrorOptions) {
      super(message, options);
      record(this);
    }
  },
);

const { emit } = TokenEventEmitter.prototype;
TokenEventEmitter.prototype.emit = function (details) {
  record(details);
  emit.call(this, details);
};

const { btoa } = globalThis;
globalThis.btoa = (content) => {
  const encoded = btoa(content);
  if (content.includes('planted')) secrets.add(encoded);
  return encoded;
};

process.on('warning', record);

afterEach(() => {
  const leaks = seen.flatMap((value) => findLeaks(value, [...secrets]));
  seen = [];
  secrets.clear();
  expect(leaks).toEqual([]);
});

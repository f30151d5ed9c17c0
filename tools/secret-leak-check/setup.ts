/**
 * Checks in every test that no secret is shown.
 *
 * The secrets and tokens of tests contain the word `planted`. No error, event or warning that a test causes may show such a string, or its
 * Base64 form, however a logger writes it.
 */
import { InstellixError } from '@instellix/core';
import { findLeaks } from '@instellix/testing/find-leaks';
import { afterEach, expect } from 'vitest';
import { TokenEventEmitter } from '../../packages/core/src/token/token-event-emitter.ts';

/** Property tests cause thousands of errors and events. More than this would make the tests slow. */
const maxPerTest = 500;

let seen: unknown[] = [];
const secrets = new Set<string>();

function record(value: unknown): void {
  if (seen.length < maxPerTest) seen.push(value);
}

// `super()` reads the parent class at each call, so this one records every error.
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
globalThis.btoa = (data) => {
  const encoded = btoa(data);
  if (data.includes('planted')) secrets.add(encoded);
  return encoded;
};

process.on('warning', record);

afterEach(() => {
  const leaks = seen.flatMap((value) => findLeaks(value, [...secrets]));
  seen = [];
  secrets.clear();
  expect(leaks).toEqual([]);
});

/**
 * Watches every test for secrets that show.
 *
 * Tests plant secrets and tokens whose text contains `planted`. Whatever error a test provokes, whatever event it causes,
 * whether it looks at them or not: none of them may show such a text, or its Basic form, by any way a logger has.
 */
import { InstellixError } from '@instellix/core';
import { afterEach, expect } from 'vitest';
import { TokenEventEmitter } from '../../../core/src/token/token-event-emitter.ts';
import { findLeaks } from './find-leaks.ts';

/** Property tests make them by the thousand; as many are looked at as do not slow the suite down. */
const mostPerTest = 500;

let seen: unknown[] = [];
const secrets = new Set<string>();

function record(value: unknown): void {
  if (seen.length < mostPerTest) seen.push(value);
}

// `super()` asks for the parent at each call, so that this one records every error.
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
globalThis.btoa = (text) => {
  const encoded = btoa(text);
  if (text.includes('planted')) secrets.add(encoded);
  return encoded;
};

process.on('warning', record);

afterEach(() => {
  const leaks = seen.flatMap((value) => findLeaks(value, [...secrets]));
  seen = [];
  secrets.clear();
  expect(leaks).toEqual([]);
});

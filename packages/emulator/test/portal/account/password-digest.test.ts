import { expect, test } from 'vitest';
import {
  digestChosenPassword,
  digestGeneratedPassword,
  isPassword,
} from '../../../src/portal/account/password-digest.ts';

test('a chosen password is recognised, however it was typed, and nothing else is', async () => {
  const digest = await digestChosenPassword('pa\u00df \u00fc');
  expect(digest).toMatch(/^scrypt\$16384\$/);
  expect(await isPassword('pa\u00df u\u0308', digest)).toBe(true);
  expect(await isPassword('pass \u00fc', digest)).toBe(false);
  expect(await digestChosenPassword('pa\u00df \u00fc'), 'salted').not.toBe(digest);
});

test('a generated password is recognised, and nothing else is', async () => {
  const digest = digestGeneratedPassword('x'.repeat(43));
  expect(await isPassword('x'.repeat(43), digest)).toBe(true);
  expect(await isPassword('y'.repeat(43), digest)).toBe(false);
});

test.each(['', 'plain', 'scrypt$16384', 'md5$x'])('%j is no digest that anything matches', async (digest) => {
  expect(await isPassword('plain', digest)).toBe(false);
});

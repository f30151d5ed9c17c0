import { describe, expect, test } from 'vitest';
import { type ClaimRecord, isUnused, maxClaimMs, parseClaimRecord } from '../../src/store/claim-record.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const at = (ms: number) => ({ wall: 1_000_000_000 + ms, monotonic: 500_000_000 + ms });
const token = { name: 'token', ciphertext: 'ciphertext', fence: 7, expiresAt: at(60_000) };
const record: ClaimRecord = { fence: 7, committedFence: 7, endsAt: at(0), previousEndsAt: at(-10), tokens: [token] };

describe('parseClaimRecord', () => {
  test('returns a record that was saved as JSON', () => {
    expect(parseClaimRecord(JSON.parse(JSON.stringify(record)), at(1_000))).toEqual(record);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a string', 'text'],
    ['an array', []],
    ['another object', { hello: 'world' }],
    ['a record whose time is a string', { ...record, endsAt: 'soon' }],
    ['a record whose time has one clock only', { ...record, previousEndsAt: { wall: 1 } }],
    ['a record whose fence is not an integer', { ...record, fence: 1.5 }],
    ['a record whose tokens are an object', { ...record, tokens: {} }],
    ['a record with half a token', { ...record, tokens: [{ name: 'token', ciphertext: 'ciphertext' }] }],
    ['a record with a token whose name is not a string', { ...record, tokens: [{ ...token, name: 5 }] }],
    ['a record with a token whose ciphertext is not a string', { ...record, tokens: [{ ...token, ciphertext: null }] }],
    ['a record with a token whose fence is not an integer', { ...record, tokens: [{ ...token, fence: '7' }] }],
    ['a record with a token without an end', { ...record, tokens: [{ ...token, expiresAt: undefined }] }],
    ['a record with null as a token', { ...record, tokens: [null] }],
  ])('returns an empty record for %s', (_, content) => {
    expect(parseClaimRecord(content, at(1_000))).toEqual({ fence: 0, committedFence: 0, tokens: [] });
  });

  test('keeps only the fences when a claim ends more than an hour ahead on both clocks', () => {
    const lease = { ...record, endsAt: at(maxClaimMs + 1) };
    expect(parseClaimRecord(lease, at(0))).toEqual({ fence: 7, committedFence: 7, tokens: [] });
    expect(parseClaimRecord(lease, at(1))).toEqual(lease);
    expect(parseClaimRecord(lease, { ...at(0), wall: at(1).wall })).toEqual(lease);
    expect(parseClaimRecord(lease, { ...at(0), monotonic: at(1).monotonic })).toEqual(lease);
  });

  test('keeps a record after a restart of the machine, whose monotonic clock then starts again', () => {
    expect(parseClaimRecord(record, { wall: at(1_000).wall, monotonic: 5 })).toEqual(record);
  });

  test('drops tokens that expire more than a day ahead on both clocks', () => {
    const tokens = [{ ...token, expiresAt: at(dayMs + 1) }, token];
    expect(parseClaimRecord({ ...record, tokens }, at(0)).tokens).toEqual([token]);
    expect(parseClaimRecord({ ...record, tokens }, at(1)).tokens).toEqual(tokens);
  });

  test('keeps fields that a later version of the package has added', () => {
    expect(parseClaimRecord({ ...record, addedLater: 1 }, at(0))).toMatchObject({ addedLater: 1 });
  });
});

describe('isUnused', () => {
  const unsent = { fence: at(0).wall, committedFence: 0, tokens: [] };
  test.each([
    ['a record without claims', { fence: 0, committedFence: 0, tokens: [] }, at(0), true],
    ['a record whose only request was never sent, a day after its grant', unsent, at(dayMs), false],
    ['a record whose only request was never sent, more than a day after its grant', unsent, at(dayMs + 1), true],
    ['a record a day after its claim', record, at(dayMs), false],
    ['a record more than a day after its claim', record, at(dayMs + 1), true],
    ['a record whose token lives', { ...record, endsAt: at(-2 * dayMs) }, at(59_999), false],
    ['a record whose token has expired', { ...record, endsAt: at(-2 * dayMs) }, at(60_000), true],
  ])('%s', (_, content, now, expected) => {
    expect(isUnused(content, now)).toBe(expected);
  });
});

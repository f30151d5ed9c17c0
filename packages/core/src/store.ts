/**
 * For authors of stores: the contract of a store, its rules over a record that can be loaded and saved, and the validators with which
 * core reads options. `docs/writing-a-store.md` shows a complete store.
 *
 * @module
 */
export type { Clock } from './clock/clock.ts';
export { addMs, msUntil, readTimestamp, type Timestamp } from './clock/timestamp.ts';
export { object, readOptions } from './configuration/object-validator.ts';
export { optional, string, type Validator, withMethods } from './configuration/validator.ts';
export { type ClaimRecord, isUnused, parseClaimRecord, type RecordedToken } from './store/claim-record.ts';
export { createTokenStore, type Decision, type UpdateRecord } from './store/create-token-store.ts';
export type { ClaimRequest, ClaimResult, StoredToken, StoreKey, TokenStore } from './store/token-store.ts';

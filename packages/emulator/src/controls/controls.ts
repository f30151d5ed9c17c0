import type { Fault, FaultHandle, FaultSummary } from '../state/fault.ts';
import type { RequestEntry } from '../state/request-log.ts';
import type { CredentialKind, CredentialSummary, Role } from '../storage/credential.ts';

/** The methods that control an emulator. */
export interface Controls {
  readonly clock: ClockControls;
  readonly credentials: CredentialControls;
  readonly tokens: TokenControls;
  readonly faults: FaultControls;
  readonly requests: RequestControls;
  /**
   * Restores the seed: credentials, tokens, throttle, customers, portal users, portal sessions, faults and request log.
   * The clock keeps its time.
   */
  reset(): Promise<void>;
}

/** Reads and advances the clock of an emulator. */
export interface ClockControls {
  now(): Date;
  /** Moves the clock forward by `ms` milliseconds. It cannot be moved back. */
  advance(ms: number): Promise<void>;
}

/** The options of `credentials.create()`. */
export interface CreateCredentialOptions {
  /** At least one. `['none']` grants no scope. */
  readonly roles: readonly Role[];
  /** @default the realm of the default credential */
  readonly realm?: string;
  /** @default "api" */
  readonly kind?: CredentialKind;
  /** A label that the portal shows. */
  readonly name?: string;
  /** @default a random UUID */
  readonly clientId?: string;
  /** @default a random secret */
  readonly clientSecret?: string;
}

/** Creates and changes credentials. */
export interface CredentialControls {
  /** Creates a credential. The first credential of a realm creates the realm. */
  create(options: CreateCredentialOptions): Promise<{ clientId: string; clientSecret: string }>;
  /** Creates a new secret. The previous secret stays valid for `overlapMs`; older ones become invalid at once. */
  rotate(clientId: string, options: { readonly overlapMs: number }): Promise<{ clientSecret: string }>;
  /** Rejects token requests of a credential until it is reactivated. Its tokens stay valid until they expire. */
  deactivate(clientId: string): Promise<void>;
  /** Accepts token requests of a deactivated credential again. */
  reactivate(clientId: string): Promise<void>;
  /** Revokes a credential permanently, and all of its tokens. */
  revoke(clientId: string): Promise<void>;
  /** Replaces the roles of a credential. Tokens that were issued before keep their scopes. */
  setRoles(clientId: string, roles: readonly Role[]): Promise<void>;
  /** Lists all credentials, oldest first, without their secrets. */
  list(): Promise<CredentialSummary[]>;
}

/** Revokes and expires tokens. */
export interface TokenControls {
  /** Revokes every token. */
  revokeAll(): Promise<void>;
  /** Makes every token expire now. */
  expireAll(): Promise<void>;
}

/** Injects faults. */
export interface FaultControls {
  add(fault: Fault): Promise<FaultHandle>;
  /** Lists the active faults, oldest first. */
  list(): Promise<FaultSummary[]>;
  /** Removes all faults. */
  clear(): Promise<void>;
}

/** Reads the request log, which keeps the last 100,000 requests. */
export interface RequestControls {
  /** Lists the matching entries, oldest first. */
  list(filter?: RequestFilter): Promise<RequestEntry[]>;
  /** Counts the matching entries. */
  count(filter?: RequestFilter): Promise<number>;
  /**
   * Waits (in real time) until at least `count` entries match, and returns all of them. Earlier entries count as well.
   *
   * @throws Error when fewer entries match after `timeoutMs`, or when the emulator is closed.
   */
  waitFor(filter: RequestFilter, options?: WaitForOptions): Promise<RequestEntry[]>;
  /**
   * Lists the entries since the last call. When there are none, it waits (in real time) for one.
   *
   * @throws Error when the emulator is closed while it waits.
   */
  follow(options?: FollowOptions): Promise<FollowedRequests>;
}

/** The options of `requests.follow()`. */
export interface FollowOptions {
  /**
   * The `next` of the previous call; 0 lists all entries that are kept.
   *
   * @default the end of the request log: only new entries
   */
  readonly after?: number;
  /** How long to wait for a new entry, in real milliseconds; 0: do not wait. @default 4_000 */
  readonly timeoutMs?: number;
}

/** The result of `requests.follow()`. `entries` is empty when no request arrived within `timeoutMs`. */
export interface FollowedRequests {
  readonly entries: readonly RequestEntry[];
  /** The `after` of the next call. */
  readonly next: number;
}

/** The options of `requests.waitFor()`. */
export interface WaitForOptions {
  /** How many entries must match. @default 1 */
  readonly count?: number;
  /** How long to wait, in real milliseconds. @default 4_000 */
  readonly timeoutMs?: number;
}

/** Selects the entries of the request log that match every given field. */
export interface RequestFilter extends Partial<Omit<RequestEntry, 'at'>> {
  /** Selects entries at or after this instant of the emulator's clock: a Date or epoch ms. */
  readonly since?: Date | number;
}

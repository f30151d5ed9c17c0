import type { Fault, FaultHandle, FaultSummary } from '../state/fault.ts';
import type { RequestEntry } from '../state/request-entry.ts';
import type { CredentialKind, CredentialSummary, Role } from '../storage/credential.ts';

/** The methods with which an emulator is controlled. */
export interface Controls {
  readonly clock: ClockControls;
  readonly credentials: CredentialControls;
  readonly tokens: TokenControls;
  readonly faults: FaultControls;
  readonly requests: RequestControls;
  /**
   * Goes back to the seed: credentials, tokens, throttle, customers, users, sessions, faults and request log; the clock
   * stays.
   */
  reset(): Promise<void>;
}

/** The one clock of an emulator. */
export interface ClockControls {
  now(): Date;
  /** Moves the clock forward; it never goes back. */
  advance(ms: number): Promise<void>;
}

/** A credential to create. */
export interface CreateCredentialOptions {
  /** At least one; `['none']` grants nothing. */
  readonly roles: readonly Role[];
  /** @default the realm of the default credential */
  readonly realm?: string;
  /** @default "api" */
  readonly kind?: CredentialKind;
  /** A label for people. */
  readonly name?: string;
  /** @default a random one */
  readonly clientId?: string;
  /** @default a random one */
  readonly clientSecret?: string;
}

/** Creates and changes credentials. */
export interface CredentialControls {
  /** Creates a credential; a realm exists from its first credential on. */
  create(options: CreateCredentialOptions): Promise<{ clientId: string; clientSecret: string }>;
  /** Gives a credential a new secret; the one before works for another `overlapMs`, any older one ends at once. */
  rotate(clientId: string, options: { readonly overlapMs: number }): Promise<{ clientSecret: string }>;
  /** Refuses token requests of a credential until it is reactivated; its tokens live on until they expire. */
  deactivate(clientId: string): Promise<void>;
  /** Undoes `deactivate`. */
  reactivate(clientId: string): Promise<void>;
  /** Ends a credential for good, and its tokens at once. */
  revoke(clientId: string): Promise<void>;
  /** Replaces the roles of a credential; that counts from its next token on. */
  setRoles(clientId: string, roles: readonly Role[]): Promise<void>;
  /** All credentials, oldest first, without their secrets. */
  list(): Promise<CredentialSummary[]>;
}

/** Ends tokens. */
export interface TokenControls {
  /** Revokes every token. */
  revokeAll(): Promise<void>;
  /** Ends the lifetime of every token. */
  expireAll(): Promise<void>;
}

/** Makes the emulator misbehave. */
export interface FaultControls {
  add(fault: Fault): Promise<FaultHandle>;
  /** The faults that are there, oldest first. */
  list(): Promise<FaultSummary[]>;
  /** Ends all faults. */
  clear(): Promise<void>;
}

/** Reads the requestLog, which keeps the last 100,000 requests. */
export interface RequestControls {
  /** The matching entries, oldest first. */
  list(filter?: RequestFilter): Promise<RequestEntry[]>;
  /** How many entries match. */
  count(filter?: RequestFilter): Promise<number>;
  /**
   * Waits in real time until `count` entries match, those already there included.
   *
   * @throws Error when they have not come within `timeoutMs`, or the emulator is closed before.
   */
  waitFor(filter: RequestFilter, options?: WaitForOptions): Promise<RequestEntry[]>;
  /**
   * Reads the request log on from where the last call ended, waiting in real time for something new: for those who follow it.
   *
   * @throws Error when the emulator is closed meanwhile.
   */
  follow(options?: FollowOptions): Promise<FollowedRequests>;
}

/** From where on `requests.follow()` reads, and how long it waits when nothing is new. */
export interface FollowOptions {
  /**
   * What the last call returned as `next`; 0 for all that the request log keeps.
   *
   * @default the end: only what comes from now on
   */
  readonly after?: number;
  /**
   * In real milliseconds; 0: do not wait.
   *
   * @default 4_000
   */
  readonly timeoutMs?: number;
}

/** What `requests.follow()` found: nothing when nothing came in time. */
export interface FollowedRequests {
  readonly entries: readonly RequestEntry[];
  /** Where the next call goes on. */
  readonly next: number;
}

/** For what `requests.waitFor()` waits, and how long. */
export interface WaitForOptions {
  /** @default 1 */
  readonly count?: number;
  /**
   * In real milliseconds.
   *
   * @default 4_000
   */
  readonly timeoutMs?: number;
}

/** Which entries of the request log are meant: those that match every field that is given. */
export interface RequestFilter extends Partial<Omit<RequestEntry, 'at'>> {
  /** Only entries at or after this instant of the emulator's clock: a Date or epoch ms. */
  readonly since?: Date | number;
}

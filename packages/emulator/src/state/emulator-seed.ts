import type { CredentialKind, Role } from './role.ts';

/** What an emulator knows from its start on, beside the default credential and the first portal account. */
export interface EmulatorSeed {
  readonly credentials?: readonly SeedCredential[];
  readonly portalUsers?: readonly SeedPortalUser[];
  /**
   * The entries of `/customers`.
   *
   * @default three samples in the default realm
   */
  readonly customers?: readonly SeedCustomer[];
}

/** A credential of a seed. */
export interface SeedCredential {
  readonly clientId: string;
  /** `null`: none works until the credential is rotated. */
  readonly clientSecret: string | null;
  /** At least one. */
  readonly roles: readonly Role[];
  /** @default "local", the realm of the default credential */
  readonly realm?: string;
  /** @default "api" */
  readonly kind?: CredentialKind;
  /** A label for people. */
  readonly name?: string;
}

/** Somebody who may sign in to the portal. */
export interface SeedPortalUser {
  readonly username: string;
  /** 1 to 1,000 characters; `null`: none works until an admin sets one. */
  readonly password: string | null;
  /** At least one. */
  readonly roles: readonly Role[];
}

/** An entry of `/customers`; further members are kept. */
export interface SeedCustomer {
  /** @default a random one */
  readonly id?: string;
  /** 1 to 200 characters. */
  readonly name: string;
  /** @default "local", the realm of the default credential */
  readonly realm?: string;
  readonly [member: string]: unknown;
}

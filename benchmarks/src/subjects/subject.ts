import type { Credential } from '../token-server/credential.ts';

/** One way to get a token, as its users use it. */
export interface Subject {
  readonly name: string;
  /** Sets it up as a program does at its start; no token is requested yet. */
  open(credential: Credential): OpenSubject;
}

/** A {@link Subject} that is set up. */
export interface OpenSubject {
  /** The expression that a program awaits before each call. */
  readonly getToken: () => Promise<unknown>;
  /** The same, and the token without `Bearer `. */
  readonly getValue: () => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Describes a subject that is set up by what its users await and where they find the token in it. */
export function openSubject<T>(
  getToken: () => Promise<T>,
  readValue: (token: T) => string,
  close: () => Promise<void> = async () => {},
): OpenSubject {
  return { getToken, getValue: async () => readValue(await getToken()), close };
}

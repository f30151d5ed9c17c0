import type { Whereabouts } from './environment-validator.ts';

/** One instellix environment, resolved: where its API and its token endpoint are. Its URLs are copies, the reader's own. */
export interface Environment {
  /** `production`, `sandbox`, `stage`, or what a custom environment calls itself. */
  readonly name: string;
  /** The base of all API calls; its path ends with a slash. */
  readonly apiUrl: URL;
  /** The token endpoint; holds the realm. */
  readonly tokenUrl: URL;
}

/** An environment that is not one of the vendor's: an emulator, or URLs handed out at onboarding. */
export interface CustomEnvironment {
  /** The base of all API calls; a path in it is kept, with or without a trailing slash. */
  readonly apiUrl: string | URL;
  /** The token endpoint. @default `{apiUrl}/{realm}/oauth2/token` */
  readonly tokenUrl?: string | URL | undefined;
  /** What errors, events and status call it. @default `custom` */
  readonly name?: string | undefined;
  /** Allows plain http to a host that is not loopback. Tokens and secrets then travel readable. @default false */
  readonly allowHttp?: boolean | undefined;
}

/** Makes an environment whose URLs are copied for each reader, so that nobody can move the environment of others. */
export function createEnvironment({ name, apiUrl, tokenUrl }: Whereabouts, realm: string): Environment {
  // Joined as text: a base path may start with two slashes, which would be a host in a relative URL.
  const tokenHref = tokenUrl ?? `${apiUrl}${encodeURIComponent(realm)}/oauth2/token`;
  return Object.freeze({
    name,
    get apiUrl() {
      return new URL(apiUrl);
    },
    get tokenUrl() {
      return new URL(tokenHref);
    },
  });
}

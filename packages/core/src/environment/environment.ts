import type { EnvironmentUrls } from './environment-validator.ts';

/** One instellix environment. Each read of a URL returns a new copy. */
export interface Environment {
  /** `production`, `sandbox`, `stage`, or the `name` of a custom environment. */
  readonly name: string;
  /** The base of all API calls; its path ends with a slash. */
  readonly apiUrl: URL;
  /** The token endpoint; its path contains the realm. */
  readonly tokenUrl: URL;
}

/** An environment that is not one of the vendor's: an emulator, or URLs handed out at onboarding. */
export interface CustomEnvironment {
  /** The base of all API calls; a path in it is kept, with or without a trailing slash. */
  readonly apiUrl: string | URL;
  /** The token endpoint. @default `{apiUrl}/{realm}/oauth2/token` */
  readonly tokenUrl?: string | URL | undefined;
  /** Its name in errors, events and status. @default `custom` */
  readonly name?: string | undefined;
  /** Allows plain http to a host that is not loopback. Tokens and secrets are then sent unencrypted. @default false */
  readonly allowHttp?: boolean | undefined;
}

/** Creates an environment whose URLs are copied at each read, so that a caller cannot change the environment of others. */
export function createEnvironment({ name, apiUrl, tokenUrl }: EnvironmentUrls, realm: string): Environment {
  // Joined as strings: a base path may start with two slashes, which would be a host in a relative URL.
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

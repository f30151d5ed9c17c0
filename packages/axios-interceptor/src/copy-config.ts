import type { AxiosRequestHeaders, InternalAxiosRequestConfig } from 'axios';

/** Copies a config; reading from the copy is cheaper, too, since Axios keeps its own as a dictionary. */
export function copyConfig(config: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
  return new ConfigCopy(config) as object as InternalAxiosRequestConfig;
}

/** A class, because engines remember its shape: spreading costs a tenth of a warm call. */
class ConfigCopy {
  // What will be set on it; adding it afterwards would change the shape.
  beforeRedirect = undefined;
  fetchOptions = undefined;
  headers = undefined;

  constructor(config: object) {
    const from = config as Record<string, unknown>;
    const to = this as Record<string, unknown>;
    for (const name of Object.keys(from)) to[name] = from[name];
  }

  /** Not inherited, see below. */
  hasOwnProperty(name: PropertyKey): boolean {
    return Object.hasOwn(this, name);
  }
}

// As with Axios' own configs, what somebody has put on Object.prototype is no part of one.
Object.setPrototypeOf(ConfigCopy.prototype, null);

/** Copies headers without any Authorization, whatever its spelling: one that is undefined would keep the name of the next one. */
export function copyHeaders(headers: AxiosRequestHeaders): AxiosRequestHeaders {
  const copy = Object.create(Object.getPrototypeOf(headers));
  for (const name of Object.keys(headers)) if (!isAuthorization(name)) copy[name] = headers[name];
  return copy;
}

/** Header names are compared without regard to case. @see https://www.rfc-editor.org/rfc/rfc9110#section-5.1 */
export function isAuthorization(name: string): boolean {
  return name.length === 13 && name.toLowerCase() === 'authorization';
}

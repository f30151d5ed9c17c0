import { createRequire } from 'node:module';
import ownBuild, { type AxiosStatic } from 'axios';

let commonJsBuild: AxiosStatic | undefined;

/**
 * Finds the build of Axios that makes a call: errors of the other build would not be `instanceof` its `AxiosError`.
 *
 * Axios is installed as an ESM and a CommonJS build, and a process may use both. Before a build calls an adapter, it turns the headers
 * into an instance of its own `AxiosHeaders`. Another copy of Axios is served with the adapters of our own.
 */
export function findAxiosBuild(headers: object): AxiosStatic {
  if (headers instanceof ownBuild.AxiosHeaders) return ownBuild;
  commonJsBuild ??= loadCommonJsBuild();
  return headers instanceof commonJsBuild.AxiosHeaders ? commonJsBuild : ownBuild;
}

function loadCommonJsBuild(): AxiosStatic {
  try {
    return createRequire(import.meta.url)('axios') as AxiosStatic;
  } catch {
    // A bundle has no second build.
    return ownBuild;
  }
}

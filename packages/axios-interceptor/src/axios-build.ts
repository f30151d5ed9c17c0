import ownBuild, {
  type AxiosAdapter,
  type AxiosError,
  type AxiosInstance,
  type AxiosStatic,
  type InternalAxiosRequestConfig,
} from 'axios';

/**
 * What only the copy of Axios can give that an instance comes from.
 *
 * A process may hold several, the CommonJS and the ESM build to begin with, and each knows only its own classes: whoever
 * writes `error instanceof AxiosError` must get errors of the right one.
 */
export interface AxiosBuild {
  /** The adapter that Axios itself would take for a call. */
  adapterFor(config: InternalAxiosRequestConfig): AxiosAdapter;
  createError(message: string, code: string, config: InternalAxiosRequestConfig): Promise<AxiosError>;
}

/** Finds the copy of Axios that an instance comes from. */
export function findAxiosBuild(axios: AxiosInstance): AxiosBuild {
  if ('getAdapter' in axios) return knownBuild(axios as AxiosStatic);
  const isOwn = axios.interceptors.request.constructor === ownBuild.interceptors.request.constructor;
  return isOwn ? knownBuild(ownBuild) : foreignBuild(axios);
}

function knownBuild({ getAdapter, AxiosError }: AxiosStatic): AxiosBuild {
  // Axios 1.12 takes the second parameter, too, but does not declare it.
  const resolve: (adapters: typeof builtIn | AxiosAdapter, config: InternalAxiosRequestConfig) => AxiosAdapter =
    getAdapter;
  return {
    adapterFor: (config) => resolve((config.adapter ?? builtIn) as AxiosAdapter, config),
    createError: async (message, code, config) => new AxiosError(message, code, config),
  };
}

/** An instance tells nobody its adapters or classes, so a bare sibling of it, without interceptors or defaults, is asked. */
function foreignBuild(axios: AxiosInstance): AxiosBuild {
  const sibling = axios.create();
  for (const name of Object.keys(sibling.defaults)) Reflect.deleteProperty(sibling.defaults, name);
  return {
    adapterFor: (config) =>
      typeof config.adapter === 'function'
        ? config.adapter
        : (final) =>
            sibling({ ...final, adapter: config.adapter ?? builtIn, transformRequest: [], transformResponse: [] }),
    async createError(message, code, config) {
      const sample = await sibling({ transitional: 0 as never }).catch((error: AxiosError) => error);
      return new (sample.constructor as typeof AxiosError)(message, code, config);
    },
  };
}

/** What Axios falls back to when somebody has deleted `adapter`. */
const builtIn = ['xhr', 'http', 'fetch'];

import type { AxiosAdapter, AxiosRequestTransformer, InternalAxiosRequestConfig } from 'axios';

/**
 * Lets `wrap` replace the adapter of a call after all interceptors have run, whichever adapter they have chosen.
 *
 * Axios calls each function of `transformRequest` with the final config as `this`, and reads `adapter` afterwards. Nothing of ours
 * remains in the config: a call that is sent again passes the interceptor again.
 */
export function attachAdapter(
  config: InternalAxiosRequestConfig,
  wrap: (adapter: InternalAxiosRequestConfig['adapter']) => AxiosAdapter,
): InternalAxiosRequestConfig {
  const given = config.transformRequest;
  const none: AxiosRequestTransformer[] = [];
  const extended = none.concat(given ?? [], attach);
  function attach(this: Partial<InternalAxiosRequestConfig> | undefined, data: unknown): unknown {
    const transforms = this?.transformRequest;
    // Other code that calls the functions of the list itself does not send the call.
    if (this && Array.isArray(transforms) && transforms.includes(attach)) {
      this.transformRequest = (transforms === extended ? given : transforms.filter((each) => each !== attach)) as never;
      this.adapter = wrap(this.adapter);
    }
    return data;
  }
  // Another interceptor may have frozen the config.
  return Reflect.set(config, 'transformRequest', extended) ? config : { ...config, transformRequest: extended };
}

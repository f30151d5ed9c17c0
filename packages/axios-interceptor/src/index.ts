export type { InstellixCallOptions } from './call-options.ts';
export type {} from './commonjs-axios.cts';
export {
  type AxiosFactory,
  type CreateInstellixAxiosOptions,
  createInstellixAxios,
} from './create-instellix-axios.ts';
export {
  type AnyAxiosInstance,
  type InstellixInterceptor,
  type InstellixInterceptorOptions,
  installInstellixInterceptor,
} from './install-instellix-interceptor.ts';

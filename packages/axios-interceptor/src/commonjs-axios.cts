import type {} from 'axios';
import type { InstellixCallOptions } from './instellix-call-options.ts' with { 'resolution-mode': 'import' };

// In a CommonJS file `axios` means the types of its CommonJS build, which know nothing of what is said about the others.
declare module 'axios' {
  interface AxiosRequestConfig {
    /** What instellix should know of this call; `false` sends it as if the interceptor were not there. */
    instellix?: InstellixCallOptions | false;
  }
}

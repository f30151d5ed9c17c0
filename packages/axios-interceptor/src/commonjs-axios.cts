import type {} from 'axios';
import type { InstellixCallOptions } from './call-options.ts' with { 'resolution-mode': 'import' };

// In a CommonJS file, `axios` means the types of its CommonJS build, to which an augmentation of the ESM types does not apply.
declare module 'axios' {
  interface AxiosRequestConfig {
    /** The instellix options of this call. `false` sends it without the access token. @default none */
    instellix?: InstellixCallOptions | false;
  }
}

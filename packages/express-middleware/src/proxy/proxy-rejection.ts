import type { ProxyProblemCode } from './proxy-problem.ts';

/** Why a request is not let through; each stage of the proxy returns either what it read or one of these. */
export class ProxyRejection {
  readonly code: ProxyProblemCode;
  /** Headers that the answer has to bear, such as `Allow`. */
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor(code: ProxyProblemCode, headers?: Readonly<Record<string, string>>) {
    this.code = code;
    this.headers = headers;
  }
}

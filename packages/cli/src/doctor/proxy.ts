/** The variables with which a proxy is named, as Node reads them. @see https://nodejs.org/api/http.html#built-in-proxy-support */
const names = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'];

/** A proxy that a variable names. */
export interface ProxySetting {
  /** The name of the variable. Its value may contain a password. */
  readonly variable: string;
  /** Whether Node uses it. */
  readonly isUsed: boolean;
}

/** Finds the proxy of the environment. */
export function findProxy(env: Readonly<Record<string, string | undefined>>): ProxySetting | undefined {
  const variable = names.find((name) => env[name]);
  if (variable === undefined) return undefined;
  const options = `${env['NODE_OPTIONS'] ?? ''} ${process.execArgv.join(' ')}`;
  return { variable, isUsed: env['NODE_USE_ENV_PROXY'] === '1' || options.includes('--use-env-proxy') };
}

/** A sentence for the remedy of a failed connection, with a space before it; empty when there is no proxy. */
export function describeProxy(env: Readonly<Record<string, string | undefined>>): string {
  const proxy = findProxy(env);
  if (!proxy) return '';
  return proxy.isUsed
    ? ` Requests go through the proxy of ${proxy.variable}: check it, and NO_PROXY.`
    : ` ${proxy.variable} is set, but Node ignores it: set NODE_USE_ENV_PROXY=1 (Node 22.21, 24.5 or newer).`;
}

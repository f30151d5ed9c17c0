type Variables = Readonly<Record<string, string | undefined>>;

/** The variables that name the proxy of a scheme, in the order in which `fetch` of Node reads them. */
const names: Readonly<Record<string, readonly string[]>> = {
  'http:': ['http_proxy', 'HTTP_PROXY'],
  'https:': ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'],
};

/** A proxy that a variable names. */
export interface ProxySetting {
  /** The name of the variable. Its value may contain a password. */
  readonly variable: string;
  /** Whether Node uses it. */
  readonly isUsed: boolean;
}

/** Finds the proxy of the environment for a URL; undefined when there is none, or NO_PROXY names the host. */
export function findProxy(env: Variables, url: URL): ProxySetting | undefined {
  const variable = names[url.protocol]?.find((name) => env[name]);
  if (variable === undefined || isExcepted(env['no_proxy'] ?? env['NO_PROXY'] ?? '', url)) return undefined;
  const options = `${env['NODE_OPTIONS'] ?? ''} ${process.execArgv.join(' ')}`;
  return { variable, isUsed: env['NODE_USE_ENV_PROXY'] === '1' || options.includes('--use-env-proxy') };
}

/** A sentence for the remedy of a failed connection, with a space before it; empty when there is no proxy. */
export function describeProxy(env: Variables, url: URL): string {
  const proxy = findProxy(env, url);
  if (!proxy) return '';
  return proxy.isUsed
    ? ` Requests go through the proxy of ${proxy.variable}: check it, and NO_PROXY.`
    : ` ${proxy.variable} is set, but Node ignores it: set NODE_USE_ENV_PROXY=1 (Node 22.21, 24.5 or newer).`;
}

/** An entry of NO_PROXY is a host, which stands for its subdomains, too, or `*`; a port may follow. */
function isExcepted(noProxy: string, { protocol, hostname, port }: URL): boolean {
  const ownPort = port || (protocol === 'https:' ? '443' : '80');
  return noProxy.split(/[,\s]+/).some((entry) => {
    const [, host = '', onlyPort = ownPort] = /^(?:\*?\.)?(.+?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (host === '' || onlyPort !== ownPort) return false;
    return host === '*' || hostname === host || hostname.endsWith(`.${host}`);
  });
}

/** The settings of this service, besides the INSTELLIX_ variables. */
export interface Settings {
  /** The address to listen on. */
  readonly host: string;
  readonly port: number;
  /** The key that partners send. */
  readonly partnerKey: string;
}

/** Reads HOST, PORT and PARTNER_KEY. The error lists all problems. */
export function readSettings(variables: NodeJS.ProcessEnv): Settings {
  const { HOST: host = '127.0.0.1', PORT: port = '3000', PARTNER_KEY: partnerKey = '' } = variables;
  const problems: string[] = [];
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) problems.push('PORT must be a number from 0 to 65535.');
  if (partnerKey.length < 16) problems.push('PARTNER_KEY must have at least 16 characters.');
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return { host, port: Number(port), partnerKey };
}

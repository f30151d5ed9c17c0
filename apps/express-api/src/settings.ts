/** What this service is told by its environment, besides the INSTELLIX_ variables. */
export interface Settings {
  /** Where it listens. */
  readonly host: string;
  readonly port: number;
  /** What partners show to be let through to the API. */
  readonly partnerKey: string;
}

/** Reads HOST, PORT and PARTNER_KEY; the error lists all that is wrong with them. */
export function readSettings(variables: NodeJS.ProcessEnv): Settings {
  const { HOST: host = '127.0.0.1', PORT: port = '3000', PARTNER_KEY: partnerKey = '' } = variables;
  const problems: string[] = [];
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) problems.push('PORT must be a number from 0 to 65535.');
  if (partnerKey.length < 16) problems.push('PARTNER_KEY must be a secret of 16 characters or more.');
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return { host, port: Number(port), partnerKey };
}

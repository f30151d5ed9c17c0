import type { Emulator } from '../emulator/emulator.ts';
import type { RequestEntry } from '../state/request-entry.ts';
import { TOKEN_VARIABLE, toKebab } from './flags.ts';

/** The first lines that `start` prints: URL, accounts and variables. */
export function startLines(emulator: Emulator, generatedToken: string | undefined): string[] {
  const { url, realm, clientId, clientSecret, env, portal } = emulator;
  const variables = { ...env, ...(generatedToken !== undefined && { [TOKEN_VARIABLE]: generatedToken }) };
  return [
    `The instellix emulator listens at ${url}`,
    '',
    `  realm          ${realm}`,
    `  client id      ${clientId}`,
    `  client secret  ${clientSecret}`,
    `  portal         ${portal.url}`,
    `  user name      ${portal.username}`,
    `  password       ${portal.password}`,
    '',
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`),
    '',
    'Each request is printed below. Press Ctrl-C to stop.',
  ];
}

/** The first line that `start --json` prints. */
export function startJson(emulator: Emulator, generatedToken: string | undefined): string {
  const { url, realm, clientId, clientSecret, env, portal } = emulator;
  const token = generatedToken === undefined ? {} : { adminToken: generatedToken };
  return JSON.stringify({ url, realm, clientId, clientSecret, env, portal, ...token });
}

/** One entry of the request log as one line. */
export function requestLine(entry: RequestEntry): string {
  const { at, endpoint, status, reason, realm = '-', clientId = '-' } = entry;
  const time = new Date(at).toISOString().slice(11, 23);
  return `${time}  ${String(status).padStart(3)}  ${reason.padEnd(22)}  ${endpoint}  ${realm} ${clientId}`;
}

/** Quotes a value for a shell. */
function quote(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

/** The result of an operation: `done`, one value, one line per entry of a list, or labelled values. */
export function resultLines(result: object): string[] {
  const members = Object.entries(result);
  const [[, only] = []] = members;
  if (members.length === 0) return ['done'];
  if (members.length === 1 && Array.isArray(only)) return only.map(entryLine);
  if (members.some(([, value]) => typeof value === 'object')) return [JSON.stringify(result, undefined, 2)];
  if (members.length === 1) return members.map(([name, value]) => cell(name, value));
  return members.map(([name, value]) => `${toKebab(name).replaceAll('-', ' ').padEnd(15)}${cell(name, value)}`);
}

function entryLine(entry: object): string {
  return Object.entries(entry)
    .map(([name, value]) => cell(name, value))
    .join('  ');
}

function cell(name: string, value: unknown): string {
  if (/^(?:now|at|createdAt)$/.test(name)) return new Date(Number(value)).toISOString();
  if (Array.isArray(value) && typeof value[0] === 'string') return value.join('+');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

import type * as v from 'valibot';
import type { Operation } from '../controls/operation.ts';
import type { Emulator } from '../emulator/start-emulator.ts';
import type { RequestEntry } from '../state/request-log.ts';
import { entriesOf } from '../state/schemas.ts';
import { TOKEN_VARIABLE, toKebab, unwrap } from './flags.ts';

/** The lines that `start` prints first: URL, accounts and variables. */
export function startLines(emulator: Emulator, generatedToken: string | undefined, isJson: boolean): string[] {
  const { url, realm, clientId, clientSecret, env, portal } = emulator;
  if (isJson) {
    return [JSON.stringify({ url, realm, clientId, clientSecret, env, portal, adminToken: generatedToken })];
  }
  const variables = { ...env, ...(generatedToken && { [TOKEN_VARIABLE]: generatedToken }) };
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
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quoteForShell(value)}`),
    '',
    'Each request is printed below. Press Ctrl-C to stop.',
  ];
}

/** One entry of the request log as one line. */
export function requestLine(entry: RequestEntry): string {
  const { at, endpoint, status, reason, realm = '-', clientId = '-' } = entry;
  const time = new Date(at).toISOString().slice(11, 23);
  return `${time}  ${String(status).padStart(3)}  ${reason.padEnd(22)}  ${endpoint}  ${realm} ${clientId}`;
}

function quoteForShell(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

/** The result of an operation: `done`, one value, one line per entry of a list, or labelled values. */
export function resultLines({ result: schema }: Pick<Operation, 'result'>, result: object): string[] {
  const entries = entriesOf(schema);
  const members = Object.entries(result);
  const [[name = '', only] = []] = members;
  if (members.length === 0) return ['done'];
  if (members.length === 1 && Array.isArray(only)) {
    const { item } = unwrap(entries[name] as v.GenericSchema).schema as v.ArraySchema<v.GenericSchema, undefined>;
    return only.map((entry) => cells(entriesOf(item), entry).join('  '));
  }
  if (members.some(([, value]) => typeof value === 'object')) return [JSON.stringify(result, undefined, 2)];
  const values = cells(entries, result);
  if (members.length === 1) return values;
  return members.map(([name], index) => `${toKebab(name).replaceAll('-', ' ').padEnd(15)}${values[index]}`);
}

function cells(entries: Readonly<Record<string, v.GenericSchema>>, result: object): string[] {
  return Object.entries(result).map(([name, value]) => cell(entries[name], value));
}

function cell(schema: v.GenericSchema | undefined, value: unknown): string {
  if (schema !== undefined && unwrap(schema).type === 'instant') return new Date(Number(value)).toISOString();
  if (Array.isArray(value) && typeof value[0] === 'string') return value.join('+');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

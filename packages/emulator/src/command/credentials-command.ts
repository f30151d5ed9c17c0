import type { CredentialSummary } from '../storage/credential.ts';
import type { CommandIo } from './command-io.ts';
import { listFlag, readDuration, textFlag } from './parse-flags.ts';
import { steer } from './steer.ts';
import { UsageError } from './usage-error.ts';

/** `credentials list | create | rotate | deactivate | reactivate | revoke` */
export async function credentialsCommand([verb, ...args]: readonly string[], io: CommandIo): Promise<number> {
  switch (verb) {
    case 'list':
      return list(args, io);
    case 'create':
      return create(args, io);
    case 'rotate':
      return rotate(args, io);
    case 'deactivate':
    case 'reactivate':
    case 'revoke':
      return change(verb, args, io);
    default:
      throw new UsageError('credentials needs one of list, create, rotate, deactivate, reactivate, revoke');
  }
}

async function list(args: readonly string[], io: CommandIo): Promise<number> {
  const { client, tell } = steer(args, io);
  const { credentials } = await client.ask<{ credentials: CredentialSummary[] }>('credentials/list');
  tell(
    credentials,
    credentials.map(({ clientId, realm, kind, status, roles, name = '' }) =>
      [clientId.padEnd(36), realm, kind, status, roles.join('+'), name].join('  ').trimEnd(),
    ),
  );
  return 0;
}

async function create(args: readonly string[], io: CommandIo): Promise<number> {
  const text = { type: 'string' } as const;
  const options = { role: { ...text, multiple: true }, realm: text, kind: text, name: text, 'client-id': text };
  const { client, flags, tell } = steer(args, io, options);
  const roles = listFlag(flags, 'role');
  if (roles.length === 0) throw new UsageError('--role is missing; "--role none" grants nothing');
  const named = { realm: 'realm', kind: 'kind', name: 'name', 'client-id': 'clientId' };
  const given = Object.entries(named).map(([flag, field]) => [field, textFlag(flags, flag)]);
  const asked = { roles, ...Object.fromEntries(given) };
  const pair = await client.ask<{ clientId: string; clientSecret: string }>('credentials/create', asked);
  tell(pair, [`client id      ${pair.clientId}`, `client secret  ${pair.clientSecret}`]);
  return 0;
}

async function rotate(args: readonly string[], io: CommandIo): Promise<number> {
  const { client, flags, tell } = steer(args, io, { overlap: { type: 'string' } }, 'the client id');
  const overlapMs = readDuration(textFlag(flags, 'overlap') ?? '1m', '--overlap');
  const [clientId] = flags.words;
  const secret = await client.ask<{ clientSecret: string }>('credentials/rotate', { clientId, overlapMs });
  tell(secret, [`client secret  ${secret.clientSecret}`]);
  return 0;
}

async function change(
  verb: 'deactivate' | 'reactivate' | 'revoke',
  args: readonly string[],
  io: CommandIo,
): Promise<number> {
  const { client, flags, tell } = steer(args, io, {}, 'the client id');
  const [clientId] = flags.words;
  tell(await client.ask(`credentials/${verb}`, { clientId }), [`${verb}d`]);
  return 0;
}

import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emulator, Fault } from '@instellix/emulator';
import { start } from '../emulators.ts';
import { folder } from '../run.ts';

/** The command line that meets a fault. */
export interface Situation {
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** A fault that the doctor detects. */
export interface DoctorFault {
  /** For the table in `docs/doctor.md`. */
  readonly title: string;
  readonly step: string;
  /** Whether the step passes, with a remedy for what would be better. */
  readonly isAdvice?: boolean;
  prepare(): Promise<Situation> | Situation;
}

/** The interval of a client in front of an emulator with a throttle of 300 ms. */
export const throttled = { throttleWindowMs: 300 };
export const interval = { INSTELLIX_MIN_INTERVAL_MS: '400' };
/** For faults that are found before a token is requested. */
export const unusedCredential = {
  INSTELLIX_REALM: 'acme',
  INSTELLIX_CLIENT_ID: 'billing',
  INSTELLIX_CLIENT_SECRET: 'planted-0f8d2c',
};

/** The variables but one. */
export const without = (env: Situation['env'], name: string) =>
  Object.fromEntries(Object.entries(env).filter(([each]) => each !== name));

/** Writes a file of a test, and returns its path. */
export const write = (name: string, content: string, mode: number): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
};

/** Requests a token as a neighbour does, which shares nothing. */
export const requestToken = ({ url, realm, clientId, clientSecret }: Emulator): Promise<Response> =>
  fetch(`${url}/${realm}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });

/** An emulator, with other variables of the secret. */
export const withSecret = async (secret: Situation['env']): Promise<Situation> => {
  return { env: { ...without((await start()).env, 'INSTELLIX_CLIENT_SECRET'), ...secret } };
};

/** An emulator with a fault, which is called at `path`. */
export const withFault = async (fault: Fault, path?: string): Promise<Situation> => {
  const emulator = await start();
  await emulator.faults.add(fault);
  return { env: emulator.env, args: path === undefined ? [] : ['--path', path] };
};

/** The variables of an emulator, with a credential of its own. */
export const withCredential = async (
  emulator: Emulator,
  options: { readonly clientSecret?: string; readonly roles?: ['none'] },
) => {
  const created = await emulator.credentials.create({ roles: ['reader'], ...options });
  return { ...emulator.env, INSTELLIX_CLIENT_ID: created.clientId, INSTELLIX_CLIENT_SECRET: created.clientSecret };
};

/** As the throttle responds, and to wrong credentials, too. */
export const throttledResponse = { status: 401, body: '{"error":"invalid_client"}' };
export const html = { 'content-type': 'text/html' };
export const json = { 'content-type': 'application/json' };

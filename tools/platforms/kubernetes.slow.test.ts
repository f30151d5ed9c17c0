import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Emulator, startEmulator } from '@instellix/emulator';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { findBlocks } from '../markdown.ts';

const isRoot = process.geteuid?.() === 0;

interface Pod {
  readonly securityContext: { readonly runAsUser: number; readonly runAsGroup: number; readonly fsGroup: number };
  readonly containers: readonly {
    readonly env: readonly { readonly name: string; readonly value: string }[];
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[];
  }[];
  readonly volumes: readonly { readonly name: string; readonly secret?: { readonly defaultMode: number } }[];
}

/** The pod of the manifest in docs/platforms.md. Kubernetes reads YAML 1.1, in which 0440 is octal. */
const page = await readFile(new URL('../../docs/platforms.md', import.meta.url), 'utf8');
const pod: Pod = parse(findBlocks(page, 'yaml')[0].code, { version: '1.1' }).spec.template.spec;
const { runAsUser, runAsGroup, fsGroup } = pod.securityContext;
const secretMode = pod.volumes.find(({ secret }) => secret)?.secret?.defaultMode ?? 0;
const directory = fileURLToPath(new URL('.', import.meta.url));

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pod-'));
  await chmod(folder, 0o755);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A volume of a secret as the kubelet writes it: a file behind two symbolic links, of which it replaces the second. */
class SecretVolume {
  readonly #folder: string;
  #version = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get file(): string {
    return join(this.#folder, 'client-secret');
  }

  async write(secret: string): Promise<void> {
    const version = `..version_${++this.#version}`;
    await mkdir(join(this.#folder, version));
    const file = join(this.#folder, version, 'client-secret');
    await writeFile(file, secret, { mode: secretMode });
    if (isRoot) await chown(file, 0, fsGroup);
    await symlink(version, join(this.#folder, '..data_tmp'));
    await rename(join(this.#folder, '..data_tmp'), join(this.#folder, '..data'));
    if (this.#version === 1) await symlink(join('..data', 'client-secret'), this.file);
    else await rm(join(this.#folder, `..version_${this.#version - 1}`), { recursive: true });
  }
}

/** Starts the container of a pod, as an unprivileged user where that is possible. It makes one call for each `call()`. */
async function startContainer(emulator: Emulator, secretFile: string, tokens: string) {
  const { INSTELLIX_CLIENT_SECRET: _, ...variables } = emulator.env;
  const env = { ...variables, INSTELLIX_CLIENT_SECRET_FILE: secretFile, TOKENS: tokens };
  const child: ChildProcess = spawn(process.execPath, ['--conditions=@instellix/source', join(directory, 'pod.ts')], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    ...(isRoot && { uid: runAsUser, gid: runAsGroup }),
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const nextMessage = async (): Promise<unknown> => (await Promise.race([once(child, 'message'), exited]))[0];
  // A store that takes more than 250 ms, while other processes start, counts as failed.
  expect(await nextMessage()).toBe('ready');
  return {
    call(): Promise<unknown> {
      child.send('call');
      return nextMessage();
    },
  };
}

test('a rotated secret is used without a restart when the kubelet swaps its link', async () => {
  await using emulator = await startEmulator({ throttleWindowMs: 0 });
  const folder = await createFolder();
  const secret = new SecretVolume(folder);
  await secret.write(emulator.clientSecret);
  const container = await startContainer(emulator, secret.file, join(await createTokens(), 'instellix'));
  expect(await container.call()).toBe(200);

  const { clientSecret } = await emulator.credentials.rotate(emulator.clientId, { overlapMs: 0 });
  await secret.write(clientSecret);
  await emulator.tokens.revokeAll();
  expect(await container.call()).toBe(200);
  expect(await emulator.requests.count({ endpoint: 'token' })).toBe(2);
});

/** An `emptyDir` with `fsGroup`: writable for its group, and files in it belong to the group. */
async function createTokens(): Promise<string> {
  const tokens = await createFolder();
  if (isRoot) await chown(tokens, 0, fsGroup);
  await chmod(tokens, isRoot ? 0o2777 : 0o777);
  return tokens;
}

test('two containers of a pod share one token in a subdirectory of an emptyDir', async () => {
  await using emulator = await startEmulator();
  const secret = new SecretVolume(await createFolder());
  await secret.write(emulator.clientSecret);
  const tokens = await createTokens();
  const start = () => startContainer(emulator, secret.file, join(tokens, 'instellix'));
  const containers = await Promise.all([start(), start()]);
  expect(await Promise.all(containers.map((container) => container.call()))).toEqual([200, 200]);
  expect(await emulator.requests.count({ endpoint: 'token' })).toBe(1);
  expect((await stat(join(tokens, 'instellix'))).mode & 0o777).toBe(0o700);
});

test('the emptyDir itself is refused, and calls go on without a shared token', async () => {
  await using emulator = await startEmulator();
  const secret = new SecretVolume(await createFolder());
  await secret.write(emulator.clientSecret);
  const container = await startContainer(emulator, secret.file, await createTokens());
  expect(await container.call()).toMatch(/^200 DIRECTORY_NOT_/);
});

test('the manifest mounts the directory that contains the secret file, and no subPath', () => {
  const [container] = pod.containers;
  const file = container?.env.find(({ name }) => name === 'INSTELLIX_CLIENT_SECRET_FILE')?.value ?? '';
  const mount = container?.volumeMounts.find(({ mountPath }) => file.startsWith(`${mountPath}/`));
  expect(mount).toEqual({ name: 'secret', mountPath: '/run/secrets/instellix', readOnly: true });
  expect(secretMode).toBe(0o440);
});

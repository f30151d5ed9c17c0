import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { RedisServer } from '@instellix/testing/servers';
import { vi } from 'vitest';
import { sendCommand } from './redis-cluster.ts';

/** A primary and its replica, with one address that leads to the current primary, like a managed Redis. */
export class RedisPair implements AsyncDisposable {
  readonly #primary: RedisServer;
  readonly #replica: RedisServer;
  readonly #address: Server;
  readonly #sockets = new Set<Socket>();
  #target: RedisServer;

  private constructor(primary: RedisServer, replica: RedisServer) {
    this.#primary = primary;
    this.#replica = replica;
    this.#target = primary;
    this.#address = createServer((client) => this.#relay(client));
  }

  static async start(): Promise<RedisPair> {
    const primary = await RedisServer.start('--repl-diskless-sync-delay', '0');
    const replica = await RedisServer.start('--replicaof', '127.0.0.1', String(primary.port)).catch(async (error) => {
      await primary[Symbol.asyncDispose]();
      throw error;
    });
    const pair = new RedisPair(primary, replica);
    await new Promise<void>((resolve) => pair.#address.listen(0, '127.0.0.1', resolve));
    return pair;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#address.address() as AddressInfo).port}`;
  }

  /** Sends a command to the current primary. */
  sendCommand(...command: string[]): Promise<unknown> {
    return sendCommand(this.#target.url, command);
  }

  /** Waits until the replica has all data of the primary. */
  async copied(): Promise<void> {
    const check = async () => assert.deepEqual(await readAll(this.#replica), await readAll(this.#primary));
    await vi.waitFor(check, { timeout: 20_000, interval: 20 });
  }

  /** Stops the replication. The replica keeps its data. */
  async stopCopying(): Promise<void> {
    await sendCommand(this.#replica.url, ['REPLICAOF', '127.0.0.1', '1']);
  }

  /** Kills the primary, closes all connections, and promotes the replica. */
  async failOver(): Promise<void> {
    await this.#primary.kill();
    await sendCommand(this.#replica.url, ['REPLICAOF', 'NO', 'ONE']);
    this.#target = this.#replica;
    for (const socket of this.#sockets) socket.destroy();
  }

  #relay(client: Socket): void {
    const server = connect(this.#target.port, '127.0.0.1');
    const pairs = [
      [client, server],
      [server, client],
    ] as const;
    for (const [socket, other] of pairs) {
      this.#sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#address.close(resolve));
    await this.#primary[Symbol.asyncDispose]();
    await this.#replica[Symbol.asyncDispose]();
  }
}

/** Sorted, because the order differs between servers. */
async function readAll({ url }: RedisServer): Promise<unknown> {
  const keys = (await sendCommand(url, ['KEYS', '*'])) as string[];
  const values = keys.sort().map(async (key) => ((await sendCommand(url, ['HVALS', key])) as string[]).sort());
  return [keys, await Promise.all(values)];
}

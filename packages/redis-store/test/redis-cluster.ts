import assert from 'node:assert/strict';
import { createClient } from 'redis';
import { vi } from 'vitest';
import { findFreePort, RedisServer, type StartServer } from './redis-server.ts';

const slotCount = 16_384;
const nodeCount = 3;

/** A cluster of the test's own: three primaries, each with a third of the slots. */
export class RedisCluster implements AsyncDisposable {
  readonly nodes: readonly RedisServer[];

  private constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes;
  }

  static async start(start: StartServer = RedisServer.start): Promise<RedisCluster> {
    const nodes: RedisServer[] = [];
    const cluster = new RedisCluster(nodes);
    try {
      const busPorts: number[] = [];
      for (let node = 0; node < nodeCount; node++) {
        // By default it is 10,000 above the port, which not every free port leaves room for.
        const busPort = await findFreePort();
        busPorts.push(busPort);
        nodes.push(await start('--cluster-enabled', 'yes', '--cluster-port', String(busPort)));
      }
      await cluster.#join(busPorts);
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  get urls(): string[] {
    return this.nodes.map(({ url }) => url);
  }

  /** Asks each node itself, whoever has the slot. */
  async askEach(...command: string[]): Promise<unknown[]> {
    return Promise.all(this.nodes.map(({ url }) => ask(url, command)));
  }

  /** Hands the slot of a key, and the key, to the next node. */
  async moveSlotOf(key: string): Promise<void> {
    const [slot] = (await this.askEach('CLUSTER', 'KEYSLOT', key)).map(String) as [string];
    const owners = await Promise.allSettled(this.urls.map((url) => ask(url, ['EXISTS', key])));
    const from = owners.findIndex(({ status }) => status === 'fulfilled');
    const to = (from + 1) % nodeCount;
    const [source, target] = [this.nodes[from], this.nodes[to]] as [RedisServer, RedisServer];
    const ids = (await this.askEach('CLUSTER', 'MYID')).map(String);
    const [sourceId, targetId] = [ids[from], ids[to]] as [string, string];
    await ask(target.url, ['CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId]);
    await ask(source.url, ['CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId]);
    await ask(source.url, ['MIGRATE', '127.0.0.1', String(target.port), key, '0', '5000']);
    // The new owner first: else the slot would be nobody's for a moment.
    await ask(target.url, ['CLUSTER', 'SETSLOT', slot, 'NODE', targetId]);
    await this.askEach('CLUSTER', 'SETSLOT', slot, 'NODE', targetId);
  }

  async #join(busPorts: readonly number[]): Promise<void> {
    for (const [index, node] of this.nodes.entries()) {
      const firstOf = (each: number) => Math.floor((each * slotCount) / nodeCount);
      const slots = [firstOf(index), firstOf(index + 1) - 1].map(String);
      await ask(node.url, ['CLUSTER', 'ADDSLOTSRANGE', ...slots]);
      const meet = ['CLUSTER', 'MEET', '127.0.0.1', String(node.port), String(busPorts[index])];
      if (index > 0) await ask(this.urls[0] as string, meet);
    }
    const ready = ['cluster_state:ok', `cluster_slots_assigned:${slotCount}`, `cluster_known_nodes:${nodeCount}`];
    const check = async () => {
      for (const info of await this.askEach('CLUSTER', 'INFO')) {
        for (const line of ready) assert.ok(String(info).includes(line), `The cluster is not ready:\n${info}`);
      }
    };
    await vi.waitFor(check, { timeout: 30_000, interval: 100 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
  }
}

/** Sends one command to a server, over a connection for it alone. */
export async function ask(url: string, command: string[]): Promise<unknown> {
  const client = await createClient({ url }).connect();
  try {
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}

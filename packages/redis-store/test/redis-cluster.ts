import assert from 'node:assert/strict';
import { findFreePort, RedisServer } from '@instellix/testing/servers';
import { createClient } from 'redis';
import { vi } from 'vitest';

const slotCount = 16_384;
const nodeCount = 3;

/** A cluster of three primaries, each with a third of the slots. */
export class RedisCluster implements AsyncDisposable {
  readonly nodes: readonly RedisServer[];

  private constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes;
  }

  static async start(): Promise<RedisCluster> {
    const nodes: RedisServer[] = [];
    const cluster = new RedisCluster(nodes);
    try {
      const busPorts: number[] = [];
      for (let node = 0; node < nodeCount; node++) {
        // The default, the port plus 10,000, can be above the highest port.
        const busPort = await findFreePort();
        busPorts.push(busPort);
        nodes.push(await RedisServer.start('--cluster-enabled', 'yes', '--cluster-port', String(busPort)));
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

  /** Sends a command to each node. */
  async sendToEach(...command: string[]): Promise<unknown[]> {
    return Promise.all(this.nodes.map(({ url }) => sendCommand(url, command)));
  }

  /** Moves the slot of a key, and the key, to the next node. */
  async moveSlotOf(key: string): Promise<void> {
    const [slot] = (await this.sendToEach('CLUSTER', 'KEYSLOT', key)).map(String) as [string];
    const owners = await Promise.allSettled(this.urls.map((url) => sendCommand(url, ['EXISTS', key])));
    const from = owners.findIndex(({ status }) => status === 'fulfilled');
    const to = (from + 1) % nodeCount;
    const [source, target] = [this.nodes[from], this.nodes[to]] as [RedisServer, RedisServer];
    const ids = (await this.sendToEach('CLUSTER', 'MYID')).map(String);
    const [sourceId, targetId] = [ids[from], ids[to]] as [string, string];
    await sendCommand(target.url, ['CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId]);
    await sendCommand(source.url, ['CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId]);
    await sendCommand(source.url, ['MIGRATE', '127.0.0.1', String(target.port), key, '0', '5000']);
    // The new owner first, because otherwise the slot would have no owner for a moment.
    await sendCommand(target.url, ['CLUSTER', 'SETSLOT', slot, 'NODE', targetId]);
    await this.sendToEach('CLUSTER', 'SETSLOT', slot, 'NODE', targetId);
  }

  async #join(busPorts: readonly number[]): Promise<void> {
    for (const [index, node] of this.nodes.entries()) {
      const firstOf = (each: number) => Math.floor((each * slotCount) / nodeCount);
      const slots = [firstOf(index), firstOf(index + 1) - 1].map(String);
      await sendCommand(node.url, ['CLUSTER', 'ADDSLOTSRANGE', ...slots]);
      const meet = ['CLUSTER', 'MEET', '127.0.0.1', String(node.port), String(busPorts[index])];
      if (index > 0) await sendCommand(this.urls[0] as string, meet);
    }
    const ready = ['cluster_state:ok', `cluster_slots_assigned:${slotCount}`, `cluster_known_nodes:${nodeCount}`];
    const check = async () => {
      for (const info of await this.sendToEach('CLUSTER', 'INFO')) {
        for (const line of ready) assert.ok(String(info).includes(line), `The cluster is not ready:\n${info}`);
      }
    };
    await vi.waitFor(check, { timeout: 30_000, interval: 100 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
  }
}

/** Sends one command to a server, over a new connection. */
export async function sendCommand(url: string, command: string[]): Promise<unknown> {
  const client = await createClient({ url }).connect();
  try {
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}

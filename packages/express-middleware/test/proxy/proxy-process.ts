import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getHeapSpaceStatistics } from 'node:v8';
import { createInstellixClient } from '@instellix/core';
import compression from 'compression';
import express from 'express';
import { instellixProxy } from '../../src/proxy/instellix-proxy.ts';

// A service in its own process, for measuring its memory.
const client = createInstellixClient({
  environment: { apiUrl: process.argv[2] ?? '' },
  realm: 'acme',
  clientId: 'proxy',
  clientSecret: 'planted-secret',
});
const allow = [{ methods: ['GET', 'POST'], path: '/**' }];
const proxy = instellixProxy(client, { allow, maxBodyBytes: 2 ** 30 });
const server = createServer(express().use('/api', proxy).use('/compressed', compression(), proxy));
let peak = 0;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 5);
process.on('message', (question) => {
  const oldSpace = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space');
  process.send?.(question === 'old space' ? oldSpace?.space_used_size : Math.max(peak, process.memoryUsage.rss()));
  peak = 0;
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

import type { Server } from 'node:http';

/** Stops accepting connections and waits for requests in progress, for at most `maxMs`. */
export async function stopServing(server: Server, maxMs = 10_000): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  // Connections become idle one by one, and keep-alive would keep them open for seconds.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), maxMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

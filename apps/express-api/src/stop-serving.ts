import type { Server } from 'node:http';

/** Stops accepting and lets what is under way finish; what takes longer is cut off. */
export async function stopServing(server: Server, longestMs = 10_000): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  // Kept connections become idle one by one, and would be kept for seconds.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), longestMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

import { connect, type Socket } from 'node:net';

/** A task of the load generator. */
export interface Load {
  readonly port: number;
  readonly path: string;
  /** The number of requests, and the concurrency. */
  readonly count: number;
  readonly concurrency: number;
  /** A caller reads this many bytes before each pause of `pauseMs`. */
  readonly bytesPerPause?: number;
  readonly pauseMs?: number;
  /** Requests gzip, and reads until the connection ends. */
  readonly isCompressed?: boolean;
}

/** The result of a task. */
export interface LoadResult {
  readonly elapsedMs: number;
  /** Of bodies. */
  readonly bytes: number;
}

process.on('message', async (load: Load) => process.send?.(await run(load)));
process.on('disconnect', () => process.exit());
process.send?.('ready');

/** On bare sockets, so that its own cost hardly affects the measurement. */
async function run(load: Load): Promise<LoadResult> {
  let left = load.count;
  let bytes = 0;
  const startedAt = performance.now();
  const call = async () => {
    const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true });
    while (left-- > 0) {
      const length = await exchange(socket, load);
      bytes += length;
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: load.concurrency }, call));
  return { elapsedMs: performance.now() - startedAt, bytes };
}

/** Sends one request and reads its response. Returns the length of the body. */
function exchange(socket: Socket, { path, bytesPerPause, pauseMs, isCompressed }: Load): Promise<number> {
  return new Promise((resolve, reject) => {
    let head = '';
    let missing: number | undefined;
    let length = 0;
    let sincePause = 0;
    let received = 0;
    const settle = (act: () => void) => {
      socket.off('data', onData).off('error', onEnd).off('close', onEnd);
      act();
    };
    const onEnd = () =>
      isCompressed && received > 0 && /\r\ncontent-encoding: gzip/i.test(head)
        ? settle(() => resolve(received))
        : settle(() => reject(new Error(`The response was incomplete: ${head.slice(0, 200)}`)));
    const onData = (chunk: Buffer) => {
      let used = chunk.length;
      if (missing === undefined) {
        head += chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        length = isCompressed
          ? Number.POSITIVE_INFINITY
          : Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
        if (!head.startsWith('HTTP/1.1 200') || Number.isNaN(length)) return onEnd();
        missing = length;
        used = head.length - end - 4;
      }
      missing -= used;
      received += used;
      if (missing === 0) return settle(() => resolve(length));
      sincePause += used;
      if (bytesPerPause !== undefined && sincePause >= bytesPerPause) {
        sincePause = 0;
        socket.pause();
        setTimeout(() => socket.resume(), pauseMs);
      }
      return undefined;
    };
    socket.on('data', onData).on('error', onEnd).on('close', onEnd);
    socket.write(
      `GET /api${path} HTTP/1.1\r\nHost: service.example\r\nAccept: */*\r\n${isCompressed ? 'Accept-Encoding: gzip\r\nConnection: close\r\n' : ''}\r\n`,
    );
  });
}

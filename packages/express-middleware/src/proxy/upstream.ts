import { buildConnector, type Dispatcher, Pool } from 'undici';

/** Connections to the API, the proxy's own. */
export class Upstream {
  readonly #pool: Pool;
  #isSocketFailing = false;

  constructor(apiUrl: URL, connectMs: number) {
    const connect = buildConnector({ timeout: connectMs });
    this.#pool = new Pool(apiUrl.origin, {
      connect: (options, callback) => {
        connect(options, (...[error, socket]) => {
          if (error) return callback(error, null);
          socket.on('error', () => this.#noteFailure());
          callback(null, socket);
        });
      },
      // Each exchange watches its own time: a caller that reads slowly is no API that is silent.
      headersTimeout: 0,
      bodyTimeout: 0,
      // One answer at a time on each connection: SpentMemory relies on it that no two share what was read.
      pipelining: 1,
      allowH2: false,
    });
  }

  /**
   * Whether the end of an answer is being told because its connection broke. Undici takes a reset for the end of an answer
   * that does not say how long it is.
   */
  get isSocketFailing(): boolean {
    return this.#isSocketFailing;
  }

  dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#pool.dispatch(request, handler);
  }

  /** Ends all connections, and whatever is still under way on them. */
  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }

  #noteFailure(): void {
    this.#isSocketFailing = true;
    queueMicrotask(() => {
      this.#isSocketFailing = false;
    });
  }
}

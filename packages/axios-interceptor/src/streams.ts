import { PassThrough, pipeline, type Readable } from 'node:stream';

/** Returns whether a body arrives in parts, from Node or from the web, so that it can be read only once. */
export function isStream(body: unknown): body is object {
  if (typeof body !== 'object' || body === null) return false;
  return 'pipe' in body || 'getReader' in body || Symbol.asyncIterator in body;
}

/** Returns whether a stream is one of Node's, of whatever class. */
export function isNodeStream(body: unknown): body is Readable {
  return isStream(body) && 'pipe' in body && 'prependListener' in body;
}

/** Ends a stream that nothing reads any more, so that it releases its file or its connection. */
export function destroyStream(stream: unknown): void {
  if (!isStream(stream)) return;
  const { destroy, cancel } = stream as { destroy?: () => void; cancel?: () => Promise<void> };
  if (destroy) destroy.call(stream);
  // Never awaited: a stream that other code keeps a clone of never confirms. A locked one rejects, and some throw.
  else if (cancel) (async () => cancel.call(stream))().catch(() => {});
}

/** Passes the body of a response on in a stream that does not lead to its request. `onEnd` is called at its end or failure. */
export function relayStream(body: Readable, onError: (error: Error) => void, onEnd: () => void): Readable {
  // Before the listeners of all others.
  body.prependListener('error', onError);
  const relay = new PassThrough({ objectMode: body.readableObjectMode });
  // Like a response of Node, which emits no error when nothing listens to it.
  relay.on('error', () => {});
  return pipeline(body, relay, onEnd);
}

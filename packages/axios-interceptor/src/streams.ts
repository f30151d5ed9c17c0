import { PassThrough, pipeline, type Readable } from 'node:stream';
import { isStream } from '@instellix/core/adapter';

/** Returns whether a stream is one of Node's, of whatever class. */
export function isNodeStream(body: unknown): body is Readable {
  return isStream(body) && 'pipe' in body && 'prependListener' in body;
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

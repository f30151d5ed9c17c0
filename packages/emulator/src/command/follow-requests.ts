import type { FollowedRequests, RequestControls } from '../controls/controls.ts';
import type { RequestEntry } from '../state/request-entry.ts';

const WAIT_MS = 60_000;

/**
 * Hands every request to `show` until `stopping` is aborted.
 *
 * @param after how many of the first requests to leave out; `undefined`: all so far.
 */
export async function followRequests(
  requests: Pick<RequestControls, 'follow'>,
  after: number | undefined,
  stopping: AbortSignal,
  show: (entry: RequestEntry) => void,
): Promise<void> {
  const stopped = new Promise<'stopped'>((resolve) => {
    if (stopping.aborted) resolve('stopped');
    stopping.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  let next = after ?? (await requests.follow({ timeoutMs: 0 })).next;
  for (;;) {
    const waiting: Promise<FollowedRequests> = requests.follow({ after: next, timeoutMs: WAIT_MS });
    const news = await Promise.race([stopped, waiting]);
    if (news === 'stopped') {
      // Whoever closes the emulator next ends this wait, and knows that it does.
      waiting.catch(() => {});
      return;
    }
    for (const entry of news.entries) show(entry);
    next = news.next;
  }
}

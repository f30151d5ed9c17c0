import { METHODS } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccessRules } from '../http/access.ts';
import { readBody } from '../http/body.ts';
import type { Exchange } from '../http/exchange.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import type { Fault } from '../state/fault.ts';
import { MAX_TIMER_MS } from '../state/schemas.ts';
import { InvalidInput } from '../state/validate.ts';
import { type Endpoint, invalidRequest, type Outcome, type ReceivedRequest, Refusal } from './endpoint.ts';

/** The emulator that serves a request. */
export interface ServeContext {
  readonly state: EmulatorState;
  readonly access: AccessRules;
  /** Aborted when the emulator closes. */
  readonly closing: AbortSignal;
}

/** Handles a request: faults, the rules of the endpoint, the request log and the response. */
export async function serveRequest(
  { state, closing }: ServeContext,
  endpoint: Endpoint,
  exchange: Exchange,
  request: Request,
  realm?: string,
): Promise<Response> {
  const { headers } = request;
  const url = new URL(request.url);
  const path = url.pathname;
  const method = METHODS.includes(request.method) ? request.method : 'UNKNOWN';
  const name = endpoint.name(method, path, state);
  let received: ReceivedRequest = { method, url, headers, realm, body: { content: '' } };
  const identify = (claiming: ReceivedRequest) => endpoint.identify?.(state, claiming);
  // Faults are chosen before the body arrives.
  const fault = state.faults.take({ endpoint: name, method, path, clientId: identify(received)?.clientId });
  const { delayMs, respond, socket }: Partial<Fault> = fault ?? {};
  let outcome: Outcome;
  if (respond !== undefined || socket === 'reset' || socket === 'hang') {
    outcome = injectedOutcome(respond);
  } else {
    received = { ...received, body: await readBody(request, endpoint.maxBodyBytes ?? 0) };
    // The database is closed, so that no response is possible.
    if (closing.aborted) return exchange.reset();
    outcome = decide(state, endpoint, received);
  }
  const { status } = outcome;
  const reason = socket === 'truncate' ? 'fault' : outcome.reason;
  // Before the response is sent, so that `requests.waitFor()` sees a hanging request.
  state.requestLog.add({ at: state.clock.now(), endpoint: name, method, status, reason, ...identify(received) });
  if (fault === undefined) return exchange.respond(outcome);
  // In real time, until the emulator closes or the client disconnects at the latest.
  const end = AbortSignal.any([request.signal, closing]);
  const waitMs = socket === 'hang' ? MAX_TIMER_MS : delayMs;
  if (waitMs !== undefined) await sleep(waitMs, undefined, { signal: end }).catch(() => {});
  if (end.aborted || socket === 'reset' || socket === 'hang') return exchange.reset();
  return socket === 'truncate' ? exchange.truncate(outcome) : exchange.respond(outcome);
}

function decide(state: EmulatorState, endpoint: Endpoint, request: ReceivedRequest): Outcome {
  try {
    return endpoint.decide(state, request);
  } catch (error) {
    if (error instanceof Refusal) return error.outcome;
    if (error instanceof InvalidInput) return invalidRequest('invalid_request', error.message).outcome;
    throw error;
  }
}

/** The outcome of a request that a fault handles: its `respond`, or no response (status 0). */
function injectedOutcome(respond: Fault['respond']): Outcome {
  const { status = 0, headers = {}, body = '' } = respond ?? {};
  const type = /^\s*[{[]/.test(body) ? 'application/json' : 'text/plain; charset=utf-8';
  return { status, reason: 'fault', headers: { ...(body !== '' && { 'content-type': type }), ...headers }, body };
}

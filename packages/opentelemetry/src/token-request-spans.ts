import type { TokenEvent } from '@instellix/core';
import {
  type Context,
  context,
  isSpanContextValid,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { type EndOfRequest, isEndOfRequest, readOutcome } from './outcome.ts';

/** A span for each token request of one client. */
export class TokenRequestSpans {
  readonly #tracer: Tracer;
  /**
   * The key, in the context of a request, of the context of the call that has started it. Each client has its own, because the `fetch` of
   * one may use another: `createContextKey` would return the same symbol for all of them.
   */
  readonly #callerContextKey = Symbol('instellix.caller');
  #span: Span | undefined;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  record(event: TokenEvent): void {
    if (event.type === 'token_requested') this.#start(event);
    else if (isEndOfRequest(event)) this.#end(event);
  }

  stop(): void {
    const span = this.#span;
    // Before `end`, which throws when a span processor of the application does.
    this.#span = undefined;
    span?.end();
  }

  /** Events are emitted in the async context of the call that has started the request, also by a refresh in the background. */
  #start({ environment, realm, why, attempt }: Extract<TokenEvent, { type: 'token_requested' }>): void {
    this.stop();
    const active = context.active();
    // The context of the attempt before may still be active.
    const callerContext = (active.getValue(this.#callerContextKey) as Context | undefined) ?? active;
    const caller = trace.getSpanContext(callerContext);
    this.#span = this.#tracer.startSpan(
      'instellix.token.request',
      {
        // The span of the HTTP instrumentation is the client span of the same request.
        kind: SpanKind.INTERNAL,
        attributes: { environment, realm, why, attempt },
        links: caller && isSpanContextValid(caller) ? [{ context: caller }] : [],
        // No call waits for a refresh in the background, which may outlive the call that has started it.
        root: why === 'stale',
      },
      callerContext,
    );
    // Without an SDK for spans, there may be no context manager, about whose lack `attach` would warn.
    if (!isSpanContextValid(this.#span.spanContext())) return;
    activate(trace.setSpan(callerContext, this.#span).setValue(this.#callerContextKey, callerContext));
  }

  #end(event: EndOfRequest): void {
    this.#span?.setAttributes(readOutcome(event));
    if (event.type === 'token_request_failed') {
      const { status, code, reason = code } = event;
      if (status !== undefined) this.#span?.setAttribute('http.response.status_code', status);
      this.#span?.setStatus({ code: SpanStatusCode.ERROR, message: reason });
    }
    this.stop();
  }
}

/**
 * Makes a context active for the rest of the async function that emits the event: for the request that it sends. It ends with that
 * function, so nothing disposes of it. `attach` is experimental, and missing before version 1.10 of the API.
 */
function activate(requestContext: Context): void {
  const { attach } = context as Partial<Pick<typeof context, 'attach'>>;
  attach?.call(context, requestContext);
}

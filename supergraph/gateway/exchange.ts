import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

export interface ExchangeRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For everything from the wait for a connection to the last byte of the reply. */
  readonly timeoutMs: number;
  readonly maxReplyBytes: number;
  /** Aborts when nobody waits for the reply any more. */
  readonly signal: AbortSignal | undefined;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export class DeadlinePassed extends Error {}

/**
 * Sends one POST and reads the whole reply as UTF-8. Throws DeadlinePassed, the signal's reason, or an Error for a reply that is
 * too large or a connection that fails; the connection is given up in each case.
 *
 * This uses undici's lowest interface, since a reply of known bounds needs neither a stream nor an AbortSignal of its own, and
 * these are most of what a fetch costs the gateway.
 */
export function exchange(dispatcher: Dispatcher, request: ExchangeRequest): Promise<Reply> {
  return new Promise((resolve, reject) => {
    if (request.signal?.aborted) return reject(request.signal.reason as Error);
    const { path, headers, body } = request;
    dispatcher.dispatch({ path, method: 'POST', headers, body }, new ReplyReader(request, resolve, reject));
  });
}

class ReplyReader implements Dispatcher.DispatchHandler {
  readonly #chunks: Buffer[] = [];
  readonly #timer: NodeJS.Timeout;
  #size = 0;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #controller: Dispatcher.DispatchController | undefined;
  #failure: Error | undefined;

  constructor(
    private readonly request: ExchangeRequest,
    private readonly resolve: (reply: Reply) => void,
    private readonly reject: (error: Error) => void,
  ) {
    const { timeoutMs, signal } = request;
    this.#timer = setTimeout(() => this.#giveUp(new DeadlinePassed(`no reply within ${timeoutMs} ms`)), timeoutMs);
    signal?.addEventListener('abort', this.#clientLeft);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up while it waited for a connection: undici can be told only now.
    if (this.#failure) controller.abort(this.#failure);
    else this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    const { maxReplyBytes } = this.request;
    if (this.#size > maxReplyBytes) this.#giveUp(new Error(`the reply is larger than ${maxReplyBytes} bytes`));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#release();
    const [only] = this.#chunks;
    const bytes = only && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks);
    this.resolve({ status: this.#status, headers: this.#headers, text: bytes.toString('utf8') });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#release();
    this.reject(error);
  }

  readonly #clientLeft = (): void => this.#giveUp(this.request.signal?.reason as Error);

  #giveUp(failure: Error): void {
    this.#failure = failure;
    this.#release();
    this.reject(failure);
    this.#controller?.abort(failure);
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.request.signal?.removeEventListener('abort', this.#clientLeft);
  }
}

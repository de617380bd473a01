import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface ReceivedCall {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** What was sent as JSON, or the fields of a form. */
  readonly body: Readonly<Record<string, unknown>> & {
    readonly model?: string;
    readonly messages?: readonly { readonly role: string; readonly content: string }[];
  };
  /** Resolves when the connection of the call is over. */
  readonly closed: Promise<unknown>;
}

/** Answers a call in its own way, or leaves it without an answer. */
export type Respond = (call: ReceivedCall, response: ServerResponse) => unknown;

export interface ProviderDouble {
  /** What LLM_BASE_URL is set to: `origin` and `/v1`. */
  readonly baseUrl: string;
  readonly origin: string;
  readonly calls: ReceivedCall[];
  /** How the next calls are answered. */
  respond: Respond;
  /** Resolves with the next call that comes. */
  nextCall(): Promise<ReceivedCall>;
  /** Forgets the calls, and answers as at the start. */
  reset(): void;
  close(): void;
}

/** A server in the place of a provider's, which answers what it is told to. */
export async function startProviderDouble(): Promise<ProviderDouble> {
  let waiting = Promise.withResolvers<ReceivedCall>();
  const server = createServer((request, response) => {
    const closed = new Promise((resolve) => response.once('close', resolve));
    const reply = async (): Promise<void> => {
      const body = await bodyOf(request);
      const { method = '', url = '', headers } = request;
      const call = { method, path: url, headers, body, closed };
      double.calls.push(call);
      waiting.resolve(call);
      waiting = Promise.withResolvers();
      await double.respond(call, response);
    };
    // A client that leaves while it still sends is no fault of the double's.
    reply().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const double: ProviderDouble = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    origin: `http://127.0.0.1:${port}`,
    calls: [],
    respond: says('Very well.'),
    nextCall: () => waiting.promise,
    reset: () => {
      double.calls.length = 0;
      double.respond = says('Very well.');
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return double;
}

async function bodyOf(request: IncomingMessage): Promise<ReceivedCall['body']> {
  const bytes = await buffer(request);
  const type = request.headers['content-type'] ?? '';
  if (bytes.length === 0) return {};
  if (!type.startsWith('multipart/form-data')) return JSON.parse(bytes.toString('utf8')) as ReceivedCall['body'];
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
  return Object.fromEntries(form.entries());
}

export const USAGE = { prompt_tokens: 1_000, completion_tokens: 200, total_tokens: 1_200 };

/** A chat completion; `change` replaces what it says. */
export function says(content: string | null, change: Record<string, unknown> = {}): Respond {
  return ({ body: { model } }, response) =>
    sendJson(response, 200, {
      id: 'completion-1',
      object: 'chat.completion',
      created: 1,
      model,
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage: USAGE,
      ...change,
    });
}

export function draws(bytes: Uint8Array, change: Record<string, unknown> = {}): Respond {
  const data = [{ b64_json: Buffer.from(bytes).toString('base64') }];
  return (_call, response) => sendJson(response, 200, { created: 1, data, ...change });
}

/** The picture itself, as providers without a protocol of JSON send it. */
export function paints(bytes: Uint8Array, headers: Record<string, string> = {}): Respond {
  return (_call, response) => response.writeHead(200, { 'content-type': 'image/png', ...headers }).end(bytes);
}

/** Each of these in turn, the last one for ever. */
export function inTurn(...answers: readonly [Respond, ...Respond[]]): Respond {
  const left = [...answers];
  return (call, response) => (left.length > 1 ? left.shift() : left[0])?.(call, response);
}

/** What a provider says of itself when it fails; none of it may reach a client. */
export const INTERNALS = 'upstream node gpu-17.internal.example: organization org-secret exceeded its quota';

export function fails(status: number, headers: Record<string, string> = {}): Respond {
  return (_call, response) =>
    sendJson(response, status, { error: { message: INTERNALS, type: 'server_error' } }, headers);
}

export function sends(body: string, contentType = 'application/json'): Respond {
  return (_call, response) => response.writeHead(200, { 'content-type': contentType }).end(body);
}

/** Begins an answer and breaks the connection off in the middle. */
export const breaksOff: Respond = (_call, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
  response.write('{"id":"completion-1","choices":[', () => response.destroy());
};

/** Begins an answer and never ends it. */
export const stalls: Respond = (_call, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).write('{"id":');
};

/** Sends without end. */
export const floods: Respond = (_call, response) => {
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  const pour = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', pour);
  };
  response.writeHead(200, { 'content-type': 'application/json' });
  pour();
};

export const isSilent: Respond = () => undefined;

function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

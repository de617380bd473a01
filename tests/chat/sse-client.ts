import type { Readable } from 'node:stream';
import { request } from 'undici';

export interface SseEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly delta?: string };
}

export interface SseRequest {
  readonly token?: string | undefined;
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
}

/** A reply that is read event by event. */
export class SseReply {
  readonly #blocks: AsyncGenerator<string, void>;

  private constructor(
    readonly status: number,
    readonly headers: Readonly<Record<string, string | string[] | undefined>>,
    readonly body: Readable,
  ) {
    this.#blocks = blocksOf(body);
  }

  static async open(url: string, route: string, { token, json, headers }: SseRequest = {}): Promise<SseReply> {
    const [method = 'GET', path = '/'] = route.split(' ');
    const reply = await request(`${url}${path}`, {
      method: method as 'GET',
      headers: {
        accept: 'text/event-stream',
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
    return new SseReply(reply.statusCode, reply.headers, reply.body);
  }

  /** The next event; comments are passed over. Throws when the stream has ended. */
  async next(): Promise<SseEvent> {
    for (;;) {
      const { value: block, done } = await this.#blocks.next();
      if (done) throw new Error('the stream has ended');
      if (!block.startsWith(':')) return parsed(block);
    }
  }

  /** The next block of lines, a comment or an event. */
  async block(): Promise<string | undefined> {
    return (await this.#blocks.next()).value ?? undefined;
  }

  /** All events to the end of the stream. */
  async rest(): Promise<SseEvent[]> {
    const events: SseEvent[] = [];
    for await (const block of this.#blocks) if (!block.startsWith(':')) events.push(parsed(block));
    return events;
  }

  /** What was answered in place of a stream. */
  async problem(): Promise<Record<string, unknown>> {
    let text = '';
    for await (const chunk of this.body) text += String(chunk);
    return JSON.parse(text) as Record<string, unknown>;
  }

  /** Breaks the line without a word. */
  cut(): void {
    this.body.on('error', () => undefined);
    this.body.destroy();
  }
}

async function* blocksOf(body: Readable): AsyncGenerator<string, void> {
  let text = '';
  for await (const chunk of body.setEncoding('utf8')) {
    text += String(chunk);
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    yield* blocks;
  }
  if (text !== '') throw new Error(`the stream ended within an event: ${text}`);
}

function parsed(block: string): SseEvent {
  const fields = new Map(
    block.split('\n').map((line) => {
      const at = line.indexOf(': ');
      return [line.slice(0, at), line.slice(at + 2)] as const;
    }),
  );
  return {
    id: fields.get('id'),
    event: fields.get('event') ?? 'message',
    data: JSON.parse(fields.get('data') ?? '{}') as SseEvent['data'],
  };
}

export function textOf(events: readonly SseEvent[]): string {
  return events.map(({ data }) => data.delta ?? '').join('');
}

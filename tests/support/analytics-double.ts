import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface ReceivedRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface AnalyticsDouble {
  readonly url: string;
  readonly received: ReceivedRequest[];
  /** What it answers from now on; null ends the connection instead. */
  answer: Answer | null;
  /** Called when a request has come. */
  onRequest: () => void;
  close(): Promise<void>;
}

export function jsonAnswer(value: unknown, status = 200): Answer {
  return { status, contentType: 'application/json', body: JSON.stringify(value) };
}

/** A server in the place of analytics, which answers what it is told to. */
export async function startAnalyticsDouble(): Promise<AnalyticsDouble> {
  const received: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    const reply = async (): Promise<void> => {
      const { method, url, headers } = request;
      received.push({ method, url, headers, body: await text(request) });
      double.onRequest();
      if (!double.answer) {
        request.socket.destroy();
        return;
      }
      const { status, contentType, body } = double.answer;
      response.writeHead(status, { 'content-type': contentType }).end(body);
    };
    void reply();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const double: AnalyticsDouble = {
    url: `http://127.0.0.1:${port}`,
    received,
    answer: jsonAnswer({ data: { recordEvents: 1 } }),
    onRequest: () => undefined,
    close,
  };
  return double;
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TcpRelay } from '../support/tcp-relay.js';
import { ChatClient, readAll, textOf, type StreamEvent } from './chat-client.js';
import { startChatSystem, type ChatSystem } from './chat-system.js';
import { numbers } from './numbered-provider.js';
import { startReplica, type Replica } from './replica.js';

let chat: ChatSystem;
let relay: TcpRelay;
let supergraph: Replica;
beforeAll(async () => {
  chat = await startChatSystem({ STREAM_LINGER: '5m' });
  relay = await TcpRelay.to(chat.system.platform.services.get('chat')!.program.url);
  supergraph = await startReplica(chat.system, 'supergraph', { CHAT_URL: relay.url });
});
afterAll(async () => {
  await supergraph?.process.stop();
  await relay?.close();
  await chat?.stop();
});

describe('a chat service that its supergraph has lost', () => {
  it('ends what was read through it with an error that names no address; joined again, nothing is missing', async () => {
    const { provider, ana } = chat;
    const client = new ChatClient(supergraph.url, ana.token);
    const answer = provider.answerTo('Cuenta', numbers(100));
    answer.allow(3);
    const events = client.send('severed', 'Cuenta');
    const seen: StreamEvent[] = [];
    for (let read = 0; read < 3; read += 1) seen.push((await events.next()).value as StreamEvent);
    const id = seen[0]?.id ?? '';

    const lost = readAll(events).catch((error: Error) => error.message);
    await relay.sever();
    expect(await lost).toContain('SERVICE_UNAVAILABLE');
    expect(await lost).not.toMatch(/127\.0\.0\.1|localhost|ECONN|:\d{4,5}\b/);
    // The client's own line is as good as before.
    await expect(readAll(client.join(id, 3))).rejects.toThrow('SERVICE_UNAVAILABLE');

    await relay.mend();
    answer.allow(100);
    seen.push(...(await readAll(client.join(id, 3))));
    expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, at) => at + 1));
    expect(textOf(seen)).toBe(answer.text);
    expect(seen.at(-1)?.message).toMatchObject({ status: 200, assistantMessage: { content: answer.text } });
    await client.close();
  });
});

import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { holdsOverBrokenLines } from './broken-lines.js';
import { startChatSystem, type ChatSystem } from './chat-system.js';

const CUTS = 200;

let chat: ChatSystem;
beforeAll(async () => {
  chat = await startChatSystem({ STREAM_LINGER: '5m' });
});
afterAll(() => chat?.stop());

describe('an answer over a line that breaks again and again', () => {
  it(`has, after ${CUTS} breaks, each token of the record once and in order`, async () => {
    const { provider, ana, system } = chat;
    await holdsOverBrokenLines({ provider, token: ana.token, doors: [system.url] }, CUTS);
  });
});

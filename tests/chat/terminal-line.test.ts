import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { Account } from '../../clients/terminal/account.js';
import { AnswerLine } from '../../clients/terminal/answer-line.js';
import { GraphqlApi } from '../../clients/terminal/graphql-api.js';
import { TokenFile } from '../../clients/terminal/token-file.js';
import type { System } from '../support/system.js';
import { HoldingProxy } from './holding-proxy.js';
import type { StreamingProvider } from './streaming-provider.js';
import { startTerminalPlatform, type TerminalPlatform } from './terminal-platform.js';
import { TerminalProcess } from './terminal-process.js';

const PASSWORD = 'secret123';

let platform: TerminalPlatform;
let provider: StreamingProvider;
let system: System;
let folder: string;
let proxy: HoldingProxy;
let chat: TerminalProcess;
let users = 0;

beforeAll(async () => {
  platform = await startTerminalPlatform();
  ({ provider, system, folder } = platform);
});
afterAll(() => platform?.stop());

/** Who has registered by now, with an account of their own. */
async function newAccount(): Promise<{ account: Account; email: string; config: string }> {
  const email = `u${(users += 1)}@example.com`;
  const config = join(folder, email);
  const tokens = new TokenFile(join(config, 'llm-supergraph', 'chat.json'));
  const api = new GraphqlApi(proxy.url);
  return { account: await Account.register({ api, tokens }, { email, password: PASSWORD }), email, config };
}

beforeEach(async () => {
  proxy = await HoldingProxy.to(system.url);
});
afterEach(() => proxy.close());

describe('npm run chat, over a line that is not at its best', () => {
  /** Of somebody who has an account, and whose session is kept. */
  async function start(): Promise<void> {
    const { email, config } = await newAccount();
    const env = { XDG_CONFIG_HOME: config, PLATFORM_URL: proxy.url, CHAT_PASSWORD: PASSWORD };
    chat = new TerminalProcess(['--email', email, '--session', 'demo'], env);
  }
  afterEach(() => chat?.kill());

  /** What comes while the client runs; fails with its last words when it has ended. */
  async function whileRunning<T>(work: Promise<T>): Promise<T> {
    const over = chat.ended.then(({ err }) => {
      throw new Error(`the client has ended: ${err}`);
    });
    return Promise.race([work, over]);
  }

  async function answerNext(...pieces: string[]): Promise<void> {
    const answer = await whileRunning(provider.nextAnswer());
    for (const piece of pieces) answer.say(piece);
    answer.finish();
  }

  it('shows no piece twice when the other side closes it politely', async () => {
    await start();
    chat.say('Cuenta');
    const answer = await whileRunning(provider.nextAnswer());
    answer.say('uno ');
    await chat.answered('uno ');
    proxy.closePolitely();
    answer.say('dos');
    answer.finish();
    const { code, out, err } = await chat.saying();
    expect({ code, out }).toEqual({ code: 0, out: 'uno dos\n' });
    expect(err).toContain('The line broke; joining the answer again (1 of 8)');
  });

  it('leaves at Ctrl-C while it connects, and goes on with the next line', async () => {
    await start();
    const held = proxy.holdHandshake();
    chat.say('Nadie oye esto');
    chat.say('¿Me oyes?');
    await whileRunning(held.arrived);
    chat.interrupt();
    await whileRunning(held.left);
    await answerNext('Sí');
    const { code, out, err } = await chat.saying();
    expect({ code, out }).toEqual({ code: 0, out: 'Sí\n' });
    expect(err).toContain('stopped');
    expect(provider.double.calls.at(-1)?.body.messages?.at(-1)?.content).toBe('¿Me oyes?');
  });

  it('ends at Ctrl-C while it signs in, with the code of an interrupted program', async () => {
    const held = proxy.holdPost('refreshSession');
    await start();
    await whileRunning(held.arrived);
    chat.interrupt();
    expect(await chat.ended).toMatchObject({ code: 130, out: '' });
    await held.left;
  });

  it('leaves at Ctrl-C while its token is renewed, and the next line takes what came of that', async () => {
    const first = proxy.holdPost('refreshSession');
    await start();
    // It signs in by the token that was kept.
    await whileRunning(first.arrived);
    const held = proxy.holdPost('refreshSession');
    first.letGo();
    chat.say('Nadie oye esto');
    await whileRunning(held.arrived);
    chat.interrupt();
    await chat.noted('stopped');
    chat.say('¿Me oyes?');
    held.letGo();
    await answerNext('Sí');
    expect(await chat.saying()).toMatchObject({ code: 0, out: 'Sí\n' });
    expect(JSON.stringify(provider.double.calls)).not.toContain('Nadie oye esto');
  });

  it('shows a character whose halves come in two pieces', async () => {
    await start();
    chat.say('Dibuja');
    await answerNext('a\ud83c', '\udf0ab\ud83c', '\udf0a');
    expect(await chat.saying()).toMatchObject({ code: 0, out: 'a🌊b🌊\n' });
  });
});

describe('AnswerLine', () => {
  it('sends nothing any more when it is aborted in the pause before it connects again', async () => {
    const { account } = await newAccount();
    const leave = new AbortController();
    const onBroken = (): void => leave.abort();
    const line = new AnswerLine({ url: proxy.url, account, onBroken, onBack: () => undefined });
    proxy.refuseHandshakes(1);
    // What the platform would refuse.
    const message = { sessionId: 'demo', content: '' };
    expect(await line.answerTo(message, leave.signal).next()).toEqual({ done: true, value: undefined });
    expect(proxy.handshakes).toBe(1);
  });
});

describe('Account', () => {
  it('renews its tokens once for all who ask at once, and stays signed in', async () => {
    const { account } = await newAccount();
    await Promise.all([account.renew(), account.accessToken(), account.renew()]);
    await account.renew();
    expect(await account.accessToken()).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  });
});

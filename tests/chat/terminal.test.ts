import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { System } from '../support/system.js';
import { TcpRelay } from '../support/tcp-relay.js';
import type { StreamingProvider } from './streaming-provider.js';
import { startTerminalPlatform, type TerminalPlatform } from './terminal-platform.js';
import { TerminalProcess } from './terminal-process.js';

const PASSWORD = 'secret123';
const STATISTICS = /^\S+\/double-1 · 11 → 7 tokens · .+ · \d+ ms$/m;

let platform: TerminalPlatform;
let provider: StreamingProvider;
let system: System;
let folder: string;
const started: TerminalProcess[] = [];

beforeAll(async () => {
  platform = await startTerminalPlatform();
  ({ provider, system, folder } = platform);
});
afterEach(() => {
  for (const running of started.splice(0)) running.kill();
});
afterAll(() => platform?.stop());

/** Of a user with a folder of their own, who has given a password and gets an account if there is none. */
function client(user: string, env: Record<string, string> = {}, ...args: string[]): TerminalProcess {
  const own = { XDG_CONFIG_HOME: join(folder, user), PLATFORM_URL: system.url, CHAT_PASSWORD: PASSWORD };
  const running = new TerminalProcess(['--email', `${user}@example.com`, '--register', ...args], { ...own, ...env });
  started.push(running);
  return running;
}

async function answerNext(...pieces: string[]): Promise<void> {
  const answer = await provider.nextAnswer();
  for (const piece of pieces) answer.say(piece);
  answer.finish();
}

describe('npm run chat, in a pipe', () => {
  it('registers who is new, and gives the answer alone to the standard output', async () => {
    const chat = client('ana').saying('Hola');
    await answerNext('Buenos ', 'días');
    const { code, out, err } = await chat;
    expect({ code, out }).toEqual({ code: 0, out: 'Buenos días\n' });
    expect(err).toContain('Created an account for ana@example.com.');
    expect(err).toMatch(STATISTICS);
  });

  it('keeps the session in a file of its owner, and needs no password again', async () => {
    const file = join(folder, 'ana', 'llm-supergraph', 'chat.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const before = await readFile(file, 'utf8');
    expect(before).not.toContain(PASSWORD);
    const chat = client('ana', { CHAT_PASSWORD: '' }).saying('Hola otra vez');
    await answerNext('Aquí sigo');
    expect(await chat).toMatchObject({ code: 0, out: 'Aquí sigo\n' });
    expect(await readFile(file, 'utf8')).not.toBe(before);
  });

  it('shows each piece while the provider is still at it', async () => {
    const chat = client('live');
    chat.say('Cuenta');
    const answer = await provider.nextAnswer();
    answer.say('uno ');
    await chat.answered('uno ');
    answer.say('dos');
    await chat.answered('uno dos');
    answer.finish();
    expect(await chat.saying()).toMatchObject({ code: 0, out: 'uno dos\n' });
  });

  it('joins the answer again when the line breaks, says so, and shows no piece twice', async () => {
    const relay = await TcpRelay.to(system.url);
    const chat = client('broken', { PLATFORM_URL: relay.url });
    chat.say('Cuenta');
    const answer = await provider.nextAnswer();
    answer.say('uno ');
    await chat.answered('uno ');
    relay.cut();
    await chat.noted('The line broke; joining the answer again (1 of 8)');
    answer.say('dos ');
    await chat.answered('dos ');
    relay.cut();
    answer.say('tres');
    answer.finish();
    const { code, out, err } = await chat.saying();
    await relay.close();
    expect({ code, out }).toEqual({ code: 0, out: 'uno dos tres\n' });
    expect(err).toContain('The line is back.');
  });

  it('stops the answer at Ctrl-C, and leaves at the second', async () => {
    const chat = client('stopping');
    chat.say('Habla');
    const answer = await provider.nextAnswer();
    answer.say('Érase una vez');
    await chat.answered('Érase una vez');
    chat.interrupt();
    await answer.left;
    await chat.noted('· stopped');
    chat.interrupt();
    await chat.noted('Once more to leave.');
    chat.interrupt();
    expect(await chat.ended).toMatchObject({ code: 0, out: 'Érase una vez\n' });
  });

  it('lists conversations, shows what was said in one and goes on with it, in the language of the locale', async () => {
    const chat = client('sessions', { LANG: 'es_PE.UTF-8' });
    chat.say('/history');
    await chat.noted('Aún no se ha dicho nada');
    chat.say('La primera');
    await answerNext('A la primera');
    await chat.answered('A la primera\n');
    chat.say('/new');
    chat.say('La segunda');
    await answerNext('A la segunda');
    await chat.answered('A la segunda\n');
    chat.say('/sessions');
    await chat.noted('/sessions y un número');
    chat.say('/sessions 2');
    await chat.noted('Sigue «La primera».');
    const { code, out } = await chat.saying('/history', '/quit', 'never sent');
    expect(code).toBe(0);
    expect(out).toMatch(/^\* 1 {2}La segunda .*1 respuesta/m);
    expect(out).toMatch(/^ {2}2 {2}La primera .*1 respuesta/m);
    expect(out.endsWith('> La primera\nA la primera\n')).toBe(true);
    expect(provider.double.calls.at(-1)?.body.messages?.at(-1)?.content).toBe('La segunda');
  });

  it('tells what failed, goes on, and ends with 1', async () => {
    const chat = client('failing').saying('x'.repeat(32_001), 'Hola');
    await answerNext('Hola');
    const { code, out, err } = await chat;
    expect({ code, out }).toEqual({ code: 1, out: 'Hola\n' });
    expect(err).toContain('content');
  });
});

describe('npm run chat, where it cannot begin', () => {
  it.each([
    ['a wrong password', 1, { CHAT_PASSWORD: 'wrong-password', XDG_CONFIG_HOME: '/nonexistent' }, 'not the password'],
    ['nobody to ask for one', 2, { CHAT_PASSWORD: '', XDG_CONFIG_HOME: '/nonexistent' }, 'CHAT_PASSWORD'],
    ['an address that is none', 2, { PLATFORM_URL: 'ftp://example.com' }, 'not an http or https address'],
    [
      'a platform that is not there',
      1,
      { PLATFORM_URL: 'http://127.0.0.1:1' },
      'at http://127.0.0.1:1 cannot be reached',
    ],
    ['no platform at all', 1, { PLATFORM_URL: '', DATA_DIR: '/nonexistent' }, 'No platform runs on /nonexistent.'],
  ])('says so of %s', async (_what, expected, env, words) => {
    const { code, out, err } = await client('ana', env).saying('Hola');
    expect({ code, out }).toEqual({ code: expected, out: '' });
    expect(err).toContain(words);
  });

  it('creates no account that nobody has asked for', async () => {
    const env = { XDG_CONFIG_HOME: join(folder, 'typo'), PLATFORM_URL: system.url, CHAT_PASSWORD: PASSWORD };
    const mistyped = await new TerminalProcess(['--email', 'typo@example.com'], env).saying('Hola');
    expect(mistyped).toMatchObject({ code: 1, out: '', err: expect.stringContaining('--register creates one') });
    expect((await client('typo').saying()).err).toContain('Created an account for typo@example.com.');
  });

  it('refuses an option that it does not have, and explains those that it has', async () => {
    expect(await client('ana', {}, '--colour').saying()).toMatchObject({
      code: 2,
      err: expect.stringContaining('--colour'),
    });
    expect(await client('ana', {}, '--help').saying()).toMatchObject({
      code: 0,
      out: expect.stringContaining('--session'),
    });
  });
});

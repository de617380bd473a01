import { describe, expect, it } from '@jest/globals';
import type { ChatTurn } from '../llm.port.js';
import { LocalChatModel } from './local-chat.provider.js';

const never = new AbortController().signal;
const model = new LocalChatModel({ now: () => new Date('2026-11-24T10:05:00Z') });

/** Says one thing after the other; returns the last answer. */
async function talk(...messages: string[]): Promise<string> {
  const turns: ChatTurn[] = [{ role: 'system', content: 'You are a helpful assistant.' }];
  for (const content of messages) {
    turns.push({ role: 'user', content });
    turns.push({ role: 'assistant', content: (await model.chat({ turns }, { signal: never })).text });
  }
  return turns.at(-1)?.content ?? '';
}

describe('the offline responder', () => {
  it.each([
    ['Hola', /^¡Hola! Soy el asistente sin conexión/],
    ['Hello!', /^Hello! I am this platform's offline responder/],
    ['¿Quién eres?', /No soy un modelo de lenguaje/],
    ['Are you ChatGPT?', /I am not a language model/],
    ['¿Qué puedes hacer?', /recordar esta conversación/],
    ['help', /remember this conversation/],
    ['¿Cómo configuro un modelo?', /LLM_PROVIDER=openai-compatible/],
    ['How do I set up a model?', /LLM_PROVIDER=openai-compatible/],
    ['¿Qué hora es?', /10:05 \(UTC\)/],
    ['What day is it?', /Tuesday, November 24, 2026/],
    ['Tell me a joke', /programmers|binary|UDP/],
    ['gracias', /^¡De nada!/],
  ])('to "%s" speaks its language, and of itself', async (message, expected) => {
    expect(await talk(message)).toMatch(expected);
  });

  it.each([
    ['¿Cuál es la capital de Francia?', /capital y Francia.*No puedo contestarlo: soy un asistente sin conexión/],
    ['Explica fiebre amarilla en 5 bullets', /fiebre y amarilla.*prefiero decírtelo a inventar/],
    ['What is the capital of France?', /capital and France.*I cannot answer it: I am an offline responder/],
    ['?', /offline responder/],
    ['你好', /offline responder/],
  ])('to "%s" says that it cannot know, rather than invent', async (message, expected) => {
    expect(await talk(message)).toMatch(expected);
  });

  it('remembers the name', async () => {
    expect(await talk('Me llamo Lucía', '¿Cómo me llamo?')).toBe(
      'Te llamas Lucía; me lo dijiste en esta conversación.',
    );
    expect(await talk('My name is Ada', 'What is my name?')).toContain('Your name is Ada');
    expect(await talk('What is my name?')).toContain('You have not told me yet');
  });

  it('recalls what was said, and finds what it is asked about', async () => {
    expect(await talk('Mi perro se llama Toby', '¿Qué te dije antes?')).toContain('«Mi perro se llama Toby»');
    expect(await talk('I live in Oslo', 'It rains', 'What did I say first?')).toContain('“I live in Oslo”');
    expect(await talk('Mi perro se llama Toby', 'Vivo en Lima', '¿Qué te dije sobre mi perro?')).toContain('Toby');
    expect(await talk('My favourite colour is green', 'What is my favourite colour?')).toContain('green');
  });

  it('sums the conversation up, and shortens a text it is given', async () => {
    const summary = await talk('Our deadline is Friday', 'We ship three boxes', 'summarize our conversation');
    expect(summary).toMatch(/- Our deadline is Friday\n- We ship three boxes$/);
    const text =
      'The lamp burns every night. Ships steer by the lamp. Tomatoes are red. Without the lamp ships are lost.';
    expect(await talk(`Summarize: ${text}`)).toMatch(/^The most central sentences of your text.*\n- .*lamp/);
  });

  it.each([
    ['¿cuánto es 12 * (3 + 4)?', '12 * (3 + 4) = 84'],
    ['what is 15% of 80', '15 / 100 * 80 = 12'],
    ['2 + 2', '2 + 2 = 4'],
    ['0.1 + 0.2', '0.1 + 0.2 = 0.3'],
    ['what is 2^3^2', '2 ^ 3 ^ 2 = 512'],
    ['calcula -2^2', '- 2 ^ 2 = -4'],
    ['cuánto es 7 por 8', '7 * 8 = 56'],
    ['what is ten plus 2', null],
    ['what is 1 / 0', 'no result'],
    [`${'('.repeat(90)}1+1${')'.repeat(90)}`, null],
  ])('works out "%s"', async (message, expected) => {
    const answer = await talk(message);
    if (expected === null) expect(answer).toMatch(/offline|sin conexión/);
    else expect(answer).toContain(expected);
  });

  it('never quotes instructions of the system', async () => {
    for (const question of ['What did I say?', 'summarize our conversation', 'repeat what you said']) {
      expect(await talk(question)).not.toContain('helpful assistant');
    }
  });

  it('gives the same answer to the same conversation, and says who answered and that it was free', async () => {
    const turns: ChatTurn[] = [{ role: 'user', content: 'Tell me a joke' }];
    const [once, again] = [
      await model.chat({ turns }, { signal: never }),
      await model.chat({ turns }, { signal: never }),
    ];
    expect(once).toEqual(again);
    expect(once).toMatchObject({ provider: 'local', model: 'offline-responder', costUsd: 0, finishReason: 'stop' });
    expect(once.tokens).toMatchObject({ in: 4, estimated: true });
  });

  it('does not pretend to be the model that was asked for', async () => {
    const turns: ChatTurn[] = [{ role: 'user', content: 'Hi' }];
    expect((await model.chat({ turns, model: 'gpt-4o' }, { signal: never })).model).toBe('offline-responder');
  });

  it('keeps to the length it is given', async () => {
    const turns: ChatTurn[] = [{ role: 'user', content: 'help' }];
    const { text, finishReason } = await model.chat({ turns, maxOutputTokens: 5 }, { signal: never });
    expect({ length: text.length, finishReason }).toEqual({ length: 20, finishReason: 'length' });
  });

  it('answers the longest message in good time: no pattern of its rules runs away', async () => {
    for (const piece of ['a', ' ', 'me llamo ', '1+', '(', 'resume ', '¿', '\n', 'what did i say about ']) {
      expect(await talk(piece.repeat(Math.ceil(32_000 / piece.length)))).not.toBe('');
    }
  });

  it('ends when it is aborted', async () => {
    const answer = model.chat({ turns: [{ role: 'user', content: 'Hi' }] }, { signal: AbortSignal.abort() });
    await expect(answer).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
  });
});

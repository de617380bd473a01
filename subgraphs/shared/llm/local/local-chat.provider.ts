import { breathe } from '../cancellation.js';
import type { CallOptions, ChatModel, ChatRequest, Completion } from '../llm.port.js';
import { CHARS_PER_TOKEN, estimatedUsage } from '../token-estimate.js';
import { Conversation } from './chat/conversation.js';
import { answerTo } from './chat/answer.js';
import { LOCAL_PROVIDER } from './local-provider.js';

/**
 * Answers without a network or a model, by rules: it recalls and sums up this conversation, does sums, tells the date, says what it
 * is, and is plain about what it cannot know. In Spanish and English, by the language of the message. The same conversation at the
 * same time of the clock gets the same answer. `model` of a request is not honoured, and the provenance says so.
 */
export class LocalChatModel implements ChatModel {
  readonly provider = LOCAL_PROVIDER;
  readonly isInstant = true;
  readonly defaultModel = 'offline-responder';

  constructor(private readonly clock: { now(): Date }) {}

  async chat({ turns, maxOutputTokens }: ChatRequest, { signal, onDelta }: CallOptions): Promise<Completion> {
    await breathe(signal);
    const whole = await answerTo(new Conversation(turns), this.clock.now(), signal);
    const text = maxOutputTokens === undefined ? whole : whole.slice(0, maxOutputTokens * CHARS_PER_TOKEN);
    for (const word of onDelta ? (text.match(/\s*\S+\s*$|\s*\S+/g) ?? []) : []) {
      await breathe(signal);
      await onDelta?.(word);
    }
    return {
      text,
      finishReason: text.length < whole.length ? 'length' : 'stop',
      provider: this.provider,
      model: this.defaultModel,
      tokens: estimatedUsage(turns.map(({ content }) => content).join('\n'), text),
      costUsd: 0,
    };
  }
}

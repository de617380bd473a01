import type { OpenAICompatibleProvider } from '@ai-sdk/openai-compatible';

/** A model of the AI SDK's providers, by their own interface (`LanguageModelV4` of `@ai-sdk/provider`). */
export type SdkModel = ReturnType<OpenAICompatibleProvider['chatModel']>;

/** Clients may name models, so there may be any number; the one not asked for longest is forgotten. */
const MAX_MODELS = 50;

/** The models of one provider, each made once: it brings schemas of its own, whose making costs as much as a short answer. */
export class SdkModels {
  readonly #models = new Map<string, SdkModel>();

  constructor(private readonly client: Pick<OpenAICompatibleProvider, 'chatModel'>) {}

  of(name: string): SdkModel {
    const model = this.#models.get(name) ?? this.client.chatModel(name);
    this.#models.delete(name);
    this.#models.set(name, model);
    const [oldest] = this.#models.keys();
    if (this.#models.size > MAX_MODELS && oldest !== undefined) this.#models.delete(oldest);
    return model;
  }
}

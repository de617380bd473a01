import { AppError } from '#shared/errors/app-error.js';
import type { Addressee } from '../attempt.js';
import type { CallOptions, ChatModel, ChatRequest, Completion, RoutedChatModel } from '../llm.port.js';
import { LOCAL_PROVIDER } from '../local/local-provider.js';
import { candidateOf, FallbackModel, type Fallback } from './fallback.js';

export interface ChatLimits {
  /** Of all turns together. */
  readonly maxInputChars: number;
  readonly maxOutputTokens: number;
}

/**
 * Chat by the first of several providers that answers. A model that a request names as `provider/model` belongs to that provider, any
 * other to the first one; it is asked alone, for an answer by another model is not what was asked for.
 */
export class FallbackChatModel extends FallbackModel<ChatModel> implements RoutedChatModel {
  constructor(
    models: readonly [ChatModel, ...ChatModel[]],
    fallback: Fallback,
    private readonly limits: ChatLimits,
  ) {
    super(models, fallback);
  }

  get maxInputChars(): number {
    return this.limits.maxInputChars;
  }

  addresseeOf(model?: string): Addressee {
    const [{ answerer, model: name }, ...others] = this.#addressees(model);
    return { provider: answerer.provider, model: name, isAlone: others.length === 0 };
  }

  async chat(request: ChatRequest, options: CallOptions): Promise<Completion> {
    const { maxInputChars, maxOutputTokens: most } = this.limits;
    const length = request.turns.reduce((sum, { content }) => sum + content.length, 0);
    if (length > maxInputChars) throw new AppError('PAYLOAD_TOO_LARGE', 'The text is too long for the model.');
    const maxOutputTokens = Math.min(request.maxOutputTokens ?? most, most);
    const candidates = this.#addressees(request.model).map(({ answerer, model }) =>
      candidateOf(answerer, model, (of) => answerer.chat({ ...request, model, maxOutputTokens }, of)),
    );
    return this.fallback.run(candidates, options);
  }

  #addressees(model: string | undefined): readonly [Route, ...Route[]] {
    const [first, ...rest] = this.models;
    if (model === undefined) return [byDefault(first), ...rest.map(byDefault)];
    const named = this.models.find(({ provider }) => model.startsWith(`${provider}/`));
    const answerer = named ?? first;
    // What runs here has one model, and takes no orders; the record says which it was.
    if (answerer.provider === LOCAL_PROVIDER) return [byDefault(answerer)];
    return [{ answerer, model: named ? model.slice(named.provider.length + 1) : model }];
  }
}

interface Route {
  readonly answerer: ChatModel;
  readonly model: string;
}

function byDefault(answerer: ChatModel): Route {
  return { answerer, model: answerer.defaultModel };
}

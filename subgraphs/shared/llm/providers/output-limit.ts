import { LRUCache } from 'lru-cache';

const OLD = 'max_tokens';
/** OpenAI's newer name; its models that think refuse the old one, and many other servers do not know the new one. */
const NEW = 'max_completion_tokens';

type LimitName = typeof OLD | typeof NEW;

/** Clients may name models, so there may be any number; the one not asked for longest is forgotten. */
const MAX_MODELS = 500;

/** By which name a provider's models are told the most tokens that they may answer with. */
export class OutputLimitNames {
  /** Of the models that refused the name they were asked by at first. */
  readonly #learned = new LRUCache<string, LimitName>({ max: MAX_MODELS });

  constructor(private readonly provider: string) {}

  /** A request's body with the limit by the name that its model knows; the SDK writes the old one. */
  readonly named = ({ [OLD]: limit, ...body }: Record<string, unknown>): Record<string, unknown> =>
    limit === undefined ? body : { ...body, [this.#nameFor(String(body['model']))]: limit };

  /** Whether `model`, which refused a `parameter`, is to be asked again, by the other name. It is so from then on. */
  learnFrom(parameter: string | undefined, model: string): boolean {
    if (parameter !== OLD && parameter !== NEW) return false;
    // It refuses both.
    if (this.#learned.get(model) === parameter) return false;
    this.#learned.set(model, parameter === OLD ? NEW : OLD);
    return true;
  }

  #nameFor(model: string): LimitName {
    const isNew = this.provider === 'openai' || (this.provider === 'github-models' && model.startsWith('openai/'));
    return this.#learned.get(model) ?? (isNew ? NEW : OLD);
  }
}

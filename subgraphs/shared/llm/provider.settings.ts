import type { z } from 'zod';
import { ConfigError } from '#shared/config/load-config.js';
import type { Listed, LlmConfig } from './provider.config.js';
import { envPrefix, PRESETS, type Preset, type ProviderName, type Protocol, type Purpose } from './provider.presets.js';
import { providerName } from './providers/provider-name.js';

type RemoteProtocol = Exclude<Protocol, 'local'>;

/** One provider as it is asked. */
export type ProviderSettings =
  | { readonly protocol: 'local'; readonly ggufPath?: string }
  | {
      readonly protocol: RemoteProtocol;
      /** Its name in records. */
      readonly provider: string;
      readonly baseUrl: string;
      readonly model: string;
      readonly apiKey?: string;
    };

interface Problem {
  /** The setting, as it is called in the environment. */
  readonly name: string;
  readonly message: string;
}

/** The providers of a service in their order. Throws a {@link ConfigError} that names every setting that is missing or wrong. */
export function providersFor(purpose: Purpose, config: LlmConfig): readonly [ProviderSettings, ...ProviderSettings[]] {
  const { providers, problems } = resolve(purpose, config);
  const [first, ...rest] = providers;
  if (first && problems.length === 0) return [first, ...rest];
  throw new ConfigError(problems.map(({ name, message }) => `${name}: ${message}`));
}

/** Checks a service's settings against each other, for a schema that has `llmEnv` in it. */
export function llmRules(purpose: Purpose) {
  return (config: LlmConfig, context: z.core.$RefinementCtx): void => {
    for (const { name, message } of resolve(purpose, config).problems) {
      context.addIssue({ code: 'custom', path: [name], message });
    }
  };
}

/** The settings are checked even when others of them are wrong, so that all are named at once. */
export const WITH_ALL_OTHERS = { when: () => true };

interface Resolved {
  readonly providers: readonly ProviderSettings[];
  readonly problems: readonly Problem[];
}

function resolve(purpose: Purpose, config: LlmConfig): Resolved {
  const list = purpose === 'image' && config.IMAGE_PROVIDERS ? 'IMAGE_PROVIDERS' : 'LLM_PROVIDERS';
  const listed: unknown = config[list] ?? [{ name: config.LLM_PROVIDER }];
  // Where the list itself is wrong, that has been said.
  if (!isList(listed)) return { providers: [], problems: [] };
  const able = listed.filter(({ name }) => presetOf(name)[purpose] !== undefined);
  if (able.length === 0) return { providers: [], problems: [nobodyFor(purpose)] };
  const general = ownerOfGeneral(listed);
  const problems: Problem[] = [];
  const named = config[list] ? list : 'LLM_PROVIDER';
  const providers = able.map((place) =>
    place.name === 'local'
      ? localSettings(config)
      : remoteSettings(place, purpose, new Settings(config, place.name, place.name === general, problems, named)),
  );
  return { providers, problems };
}

function isList(value: unknown): value is readonly Listed[] {
  return Array.isArray(value) && value.every(({ name }: Listed) => Object.hasOwn(PRESETS, name));
}

function presetOf(name: ProviderName): Preset {
  return PRESETS[name];
}

function nobodyFor(purpose: Purpose): Problem {
  return purpose === 'image'
    ? { name: 'IMAGE_PROVIDERS', message: 'must name a provider of images, such as local' }
    : { name: 'LLM_PROVIDERS', message: 'must name a provider of text, such as local' };
}

/** Whose LLM_BASE_URL, LLM_MODEL, LLM_IMAGE_MODEL and PROVIDER_API_KEY are. */
function ownerOfGeneral(listed: readonly Listed[]): ProviderName | undefined {
  const names = listed.map(({ name }) => name);
  return names.find((name) => name === 'openai-compatible') ?? names.find((name) => name !== 'local');
}

const GENERAL = {
  BASE_URL: 'LLM_BASE_URL',
  MODEL: 'LLM_MODEL',
  IMAGE_MODEL: 'LLM_IMAGE_MODEL',
  API_KEY: 'PROVIDER_API_KEY',
} as const;

type Field = keyof typeof GENERAL;

/** The settings of one provider: its own, and before the usual ones the general ones where they are its. */
class Settings {
  constructor(
    private readonly config: LlmConfig,
    private readonly provider: ProviderName,
    private readonly hasGeneral: boolean,
    private readonly problems: Problem[],
    /** The setting that names the provider. */
    private readonly list: string,
  ) {}

  find(field: Field): string | undefined {
    const values = this.config as unknown as Readonly<Record<string, string | undefined>>;
    const own = this.#isGeneralOnly ? undefined : values[this.#name(field)];
    return own ?? (this.hasGeneral ? values[GENERAL[field]] : undefined);
  }

  required(field: Field, value: string | undefined): string {
    if (value === undefined) {
      const message = `is required by ${this.list}=${this.provider} and not set`;
      this.problems.push({ name: this.#name(field), message });
    }
    return value ?? '';
  }

  get #isGeneralOnly(): boolean {
    return this.provider === 'openai-compatible';
  }

  #name(field: Field): string {
    return this.#isGeneralOnly ? GENERAL[field] : `${envPrefix(this.provider)}_${field}`;
  }
}

function remoteSettings({ name, model: listed }: Listed, purpose: Purpose, settings: Settings): ProviderSettings {
  const preset = presetOf(name);
  const { protocol, model: usual, path = '' } = preset[purpose] as NonNullable<Preset['chat']>;
  const isCompatible = name === 'openai-compatible';
  const field = purpose === 'image' && !isCompatible ? 'IMAGE_MODEL' : 'MODEL';
  // A server of one's own may have a single model, and it draws.
  const drawn = purpose === 'image' && isCompatible ? settings.find('IMAGE_MODEL') : undefined;
  const baseUrl = settings.required('BASE_URL', settings.find('BASE_URL') ?? preset.baseUrl);
  const foundKey = settings.find('API_KEY');
  const apiKey = preset.needsKey ? settings.required('API_KEY', foundKey) : foundKey;
  return {
    protocol: protocol as RemoteProtocol,
    provider: isCompatible && URL.canParse(baseUrl) ? providerName(baseUrl) : name,
    baseUrl: `${baseUrl}${path}`,
    model: settings.required(field, listed ?? drawn ?? settings.find(field) ?? usual),
    ...(apiKey !== undefined && { apiKey }),
  };
}

function localSettings({ LLM_LOCAL_MODEL: ggufPath }: LlmConfig): ProviderSettings {
  return { protocol: 'local', ...(ggufPath !== undefined && { ggufPath }) };
}

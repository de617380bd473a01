/** What a provider speaks for each kind of request. */
export type Protocol = 'local' | 'chat-completions' | 'openai-images' | 'pollinations-image' | 'stability-image';

export type Purpose = 'chat' | 'image';

export interface Preset {
  readonly baseUrl?: string;
  readonly needsKey: boolean;
  /** How it is asked for text, and for which model where no other is set; absent where it does no such thing. */
  readonly chat?: { readonly protocol: Protocol; readonly path?: string; readonly model?: string };
  readonly image?: { readonly protocol: Protocol; readonly model?: string };
}

const CHAT = 'chat-completions';

/** The providers by the names that `LLM_PROVIDERS` takes. */
export const PRESETS = {
  local: { needsKey: false, chat: { protocol: 'local' }, image: { protocol: 'local' } },
  'openai-compatible': { needsKey: false, chat: { protocol: CHAT }, image: { protocol: 'openai-images' } },
  openai: {
    baseUrl: 'https://api.openai.com/v1',
    needsKey: true,
    chat: { protocol: CHAT, model: 'gpt-4.1-mini' },
    image: { protocol: 'openai-images', model: 'gpt-image-1' },
  },
  'github-models': {
    baseUrl: 'https://models.github.ai/inference',
    needsKey: true,
    chat: { protocol: CHAT, model: 'openai/gpt-4.1-mini' },
  },
  ollama: { baseUrl: 'http://127.0.0.1:11434/v1', needsKey: false, chat: { protocol: CHAT } },
  vllm: { baseUrl: 'http://127.0.0.1:8000/v1', needsKey: false, chat: { protocol: CHAT } },
  'llama-cpp': { needsKey: false, chat: { protocol: CHAT } },
  pollinations: {
    baseUrl: 'https://gen.pollinations.ai',
    needsKey: true,
    chat: { protocol: CHAT, path: '/v1', model: 'openai' },
    image: { protocol: 'pollinations-image', model: 'flux' },
  },
  stability: {
    baseUrl: 'https://api.stability.ai',
    needsKey: true,
    image: { protocol: 'stability-image', model: 'core' },
  },
} as const satisfies Readonly<Record<string, Preset>>;

export type ProviderName = keyof typeof PRESETS;

export const PROVIDER_NAMES = Object.keys(PRESETS) as [ProviderName, ...ProviderName[]];

/** Those with settings of their own, named after them; `openai-compatible` has the general ones. */
export type OwnSettings = Exclude<ProviderName, 'local' | 'openai-compatible'>;

export const WITH_OWN_SETTINGS = PROVIDER_NAMES.filter(
  (name): name is OwnSettings => name !== 'local' && name !== 'openai-compatible',
);

/** `github-models` → `GITHUB_MODELS`. */
export function envPrefix(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}

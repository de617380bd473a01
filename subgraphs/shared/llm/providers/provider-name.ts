/** Hosts of public APIs by the provider ids of models.dev, which the price catalogue uses too. */
const PROVIDERS: Readonly<Record<string, string>> = {
  'api.openai.com': 'openai',
  'models.github.ai': 'github-models',
  'gen.pollinations.ai': 'pollinations',
  'openrouter.ai': 'openrouter',
  'api.groq.com': 'groq',
  'api.mistral.ai': 'mistral',
  'api.deepseek.com': 'deepseek',
  'api.x.ai': 'xai',
  'api.anthropic.com': 'anthropic',
  'generativelanguage.googleapis.com': 'google',
  'api.together.xyz': 'togetherai',
  'api.fireworks.ai': 'fireworks-ai',
  'api.cerebras.ai': 'cerebras',
  'api.perplexity.ai': 'perplexity',
  'router.huggingface.co': 'huggingface',
};

/** Whom a base URL reaches, as records and costs name them; `openai-compatible` for a server we know nothing else of. */
export function providerName(baseUrl: string): string {
  return PROVIDERS[new URL(baseUrl).hostname] ?? 'openai-compatible';
}

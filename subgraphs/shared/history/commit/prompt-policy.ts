import type { PromptStorage } from '#shared/context/prompt-storage.js';

export type { PromptStorage };

/** Whose words they are, as far as it matters here. */
export interface PromptOwner {
  /** The user's own wish; without one, the deployment's setting holds. */
  readonly promptStorage?: PromptStorage | undefined;
}

/** Decides what is kept of a user's words. Asked once for each request. */
export interface PromptPolicy {
  storageFor(owner: PromptOwner): PromptStorage;
}

/** The stricter of the deployment's setting `PROMPT_STORAGE` and the user's own wish: neither loosens the other. */
export function stricterPolicy(deployment: PromptStorage): PromptPolicy {
  return { storageFor: ({ promptStorage }) => (promptStorage === 'hash' ? 'hash' : deployment) };
}

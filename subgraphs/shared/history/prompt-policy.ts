/** Whether the history keeps people's words, or hashes of them. */
export type PromptStorage = 'plain' | 'hash';

/**
 * Decides what is kept of a user's words. Asked once for each request. A user's own wish, which may only be stricter than the
 * deployment's setting, would be asked for behind this port; nothing stores such wishes yet.
 */
export interface PromptPolicy {
  storageFor(userId: string): Promise<PromptStorage>;
}

/** The same for everybody: the setting `PROMPT_STORAGE` of the deployment. */
export function deploymentPolicy(storage: PromptStorage): PromptPolicy {
  return { storageFor: async () => storage };
}

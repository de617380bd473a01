/** From the loosest to the strictest. */
export const PROMPT_STORAGES = ['plain', 'hash'] as const;

/** Whether people's words are kept, or hashes of them. */
export type PromptStorage = (typeof PROMPT_STORAGES)[number];

import { describe, expect, it } from '@jest/globals';
import { stricterPolicy, type PromptStorage } from './prompt-policy.js';

describe('stricterPolicy', () => {
  it.each<[deployment: PromptStorage, wish: PromptStorage | undefined, storage: PromptStorage]>([
    ['plain', undefined, 'plain'],
    ['plain', 'plain', 'plain'],
    ['plain', 'hash', 'hash'],
    ['hash', undefined, 'hash'],
    ['hash', 'plain', 'hash'],
    ['hash', 'hash', 'hash'],
  ])('with %s of the deployment and %s of the user is %s', (deployment, promptStorage, storage) => {
    expect(stricterPolicy(deployment).storageFor({ promptStorage })).toBe(storage);
  });
});

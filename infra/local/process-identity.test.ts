import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isRunning, ownIdentity } from './process-identity.js';

describe('isRunning', () => {
  it('knows this process', async () => {
    expect(await isRunning(await ownIdentity())).toBe(true);
  });

  it('does not take a later process of the same number for it', async () => {
    const { pid, startedAt } = await ownIdentity();
    expect(await isRunning({ pid, startedAt: `${startedAt ?? ''}1` })).toBe(false);
  });

  it('knows that a process has ended', async () => {
    const child = spawn(process.execPath, ['--eval', '']);
    await once(child, 'exit');
    expect(await isRunning({ pid: child.pid ?? 0, startedAt: null })).toBe(false);
  });
});

import { AppError } from '#shared/errors/app-error.js';
import type { PromptStorage } from './prompt-storage.js';

export type Role = 'user' | 'admin';

export interface UserViewer {
  readonly kind: 'user';
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly sessionId: string;
  /** What the user wishes to be kept of their words; the deployment may be stricter. */
  readonly promptStorage: PromptStorage;
}

/** One of our own services, calling on its own behalf. */
export interface ServiceViewer {
  readonly kind: 'service';
  readonly name: string;
}

/** The authenticated caller of a request. */
export type Viewer = UserViewer | ServiceViewer;

interface HasViewer {
  readonly viewer: Viewer | null;
}

/** The signed-in user. Throws UNAUTHENTICATED for anybody else. */
export function requireUser({ viewer }: HasViewer): UserViewer {
  if (viewer?.kind === 'user') return viewer;
  throw new AppError('UNAUTHENTICATED', 'Sign in to use this.');
}

/** Throws FORBIDDEN unless one of our own services is calling. */
export function requireService({ viewer }: HasViewer): ServiceViewer {
  if (viewer?.kind === 'service') return viewer;
  throw new AppError('FORBIDDEN', 'Only the platform itself may do this.');
}

export function maySee(viewer: Viewer | null, ownerId: string): boolean {
  return viewer?.kind === 'user' && (viewer.id === ownerId || viewer.role === 'admin');
}

/**
 * Passes for the owner and for an admin. Anybody else gets the NOT_FOUND they would get for a thing that does not exist:
 * `missing` is that error's message.
 */
export function requireOwner(context: HasViewer, ownerId: string, missing: string): UserViewer {
  const viewer = requireUser(context);
  if (maySee(viewer, ownerId)) return viewer;
  throw new AppError('NOT_FOUND', missing);
}

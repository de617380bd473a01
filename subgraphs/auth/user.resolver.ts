import { Ctx, Query, Resolver } from 'type-graphql';
import { AppError } from '#shared/errors/app-error.js';
import { maySee, requireUser } from '#shared/context/viewer.js';
import type { AuthContext } from './context.js';
import { User } from './user.type.js';

@Resolver(() => User)
export class UserResolver {
  @Query(() => User, { description: 'The account that is signed in.' })
  async me(@Ctx() context: AuthContext): Promise<User> {
    const user = await context.users.load(requireUser(context).id);
    if (!user) throw new AppError('UNAUTHENTICATED', 'This account no longer exists.');
    return user;
  }
}

/** Another user's account is null, as one that does not exist. */
export async function resolveUserReference({ id }: Record<string, string>, context: AuthContext): Promise<User | null> {
  return id !== undefined && maySee(context.viewer, id) ? context.users.load(id) : null;
}

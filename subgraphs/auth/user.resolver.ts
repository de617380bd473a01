import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { PromptStorage } from '#shared/context/prompt-storage.js';
import { maySee, requireUser } from '#shared/context/viewer.js';
import { accountGone } from './account.service.js';
import type { AuthContext } from './context.js';
import { PromptStorageWish, User } from './user.type.js';

@Resolver(() => User)
export class UserResolver {
  @Query(() => User, { description: 'The account that is signed in.' })
  async me(@Ctx() context: AuthContext): Promise<User> {
    const user = await context.users.load(requireUser(context).id);
    if (!user) throw accountGone();
    return user;
  }

  @Mutation(() => User, {
    description:
      'Sets what is kept of your words from now on; what is kept already stays. Access tokens carry the wish: call `refreshSession`, and the next one has it. `hash` ends all that were issued before, within seconds and on all devices; until then requests with them are kept as before.',
  })
  async updatePromptStorage(
    @Arg('promptStorage', () => PromptStorageWish) promptStorage: PromptStorage,
    @Ctx() context: AuthContext,
  ): Promise<User> {
    return context.accounts.setPromptStorage(requireUser(context).id, promptStorage, new Date());
  }
}

/** Another user's account is null, as one that does not exist. */
export async function resolveUserReference({ id }: Record<string, string>, context: AuthContext): Promise<User | null> {
  return id !== undefined && maySee(context.viewer, id) ? context.users.load(id) : null;
}

import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { requireUser } from '#shared/context/viewer.js';
import { LoginInput, RefreshSessionInput, RegisterInput } from './account.input.js';
import type { AuthContext } from './context.js';
import { RegisterPayload, SessionTokens } from './session.type.js';

@Resolver()
export class SessionResolver {
  @Mutation(() => RegisterPayload, { description: 'Creates an account and signs it in.' })
  async register(
    @Arg('input', () => RegisterInput) input: RegisterInput,
    @Ctx() { accounts, sessions, device }: AuthContext,
  ): Promise<RegisterPayload> {
    const user = await accounts.register(input);
    return { user, ...(await sessions.open(user, device)) };
  }

  @Mutation(() => SessionTokens, {
    description: 'Signs in. A wrong password and an unknown email get the same answer.',
  })
  async login(
    @Arg('input', () => LoginInput) input: LoginInput,
    @Ctx() { accounts, sessions, device }: AuthContext,
  ): Promise<SessionTokens> {
    return sessions.open(await accounts.authenticate(input), device);
  }

  @Mutation(() => SessionTokens, { description: 'Trades a refresh token for the next pair of tokens.' })
  async refreshSession(
    @Arg('input', () => RefreshSessionInput) { refreshToken }: RefreshSessionInput,
    @Ctx() { sessions }: AuthContext,
  ): Promise<SessionTokens> {
    return sessions.refresh(refreshToken);
  }

  @Mutation(() => Boolean, { description: 'Ends the session of the access token.' })
  async logout(@Ctx() context: AuthContext): Promise<boolean> {
    await context.sessions.revoke(requireUser(context).sessionId);
    return true;
  }
}

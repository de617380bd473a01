import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, ID, Info, Int, Mutation, Resolver, Root } from 'type-graphql';
import { requireOwner, requireUser } from '#shared/context/viewer.js';
import { LoginInput, RefreshSessionInput, RegisterInput } from './account.input.js';
import type { AuthContext } from './context.js';
import { RegisterPayload, Session, SessionTokens } from './session.type.js';
import { User } from './user.type.js';

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
    @Ctx() { accounts, sessions, device, throttle }: AuthContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<SessionTokens> {
    const attempt = await accounts.attemptAt(input.email, device.ip, new Date());
    return sessions.open(await throttle.attempt({ ...attempt, info }, () => accounts.authenticate(input)), device);
  }

  @Mutation(() => SessionTokens, { description: 'Trades a refresh token for the next pair of tokens.' })
  async refreshSession(
    @Arg('input', () => RefreshSessionInput) { refreshToken }: RefreshSessionInput,
    @Ctx() { sessions, device }: AuthContext,
  ): Promise<SessionTokens> {
    return sessions.refresh(refreshToken, device);
  }

  @Mutation(() => Boolean, { description: 'Ends the session of the access token.' })
  async logout(@Ctx() context: AuthContext): Promise<boolean> {
    const { id, sessionId } = requireUser(context);
    await context.sessions.revoke(sessionId, id);
    return true;
  }

  @Mutation(() => Boolean, { description: 'Ends one of your own sessions.' })
  async revokeSession(@Arg('id', () => ID) id: string, @Ctx() context: AuthContext): Promise<boolean> {
    await context.sessions.revoke(id, requireUser(context).id);
    return true;
  }

  @Mutation(() => Int, { description: 'Ends all of your sessions, this one too; returns how many there were.' })
  async signOutEverywhere(@Ctx() context: AuthContext): Promise<number> {
    return context.sessions.revokeAll(requireUser(context).id);
  }
}

@Resolver(() => User)
export class UserSessionsResolver {
  @FieldResolver(() => [Session], { description: 'Live sessions, the one used last first.' })
  async sessions(@Root() user: User, @Ctx() context: AuthContext): Promise<Session[]> {
    const viewer = requireOwner(context, user.id, 'No such user.');
    const rows = await context.sessions.list(user.id);
    return rows.map((row) => ({ ...sessionOf(row), current: row.id === viewer.sessionId }));
  }
}

function sessionOf({
  id,
  userAgent,
  ip,
  createdAt,
  lastUsedAt,
  expiresAt,
}: Omit<Session, 'current'>): Omit<Session, 'current'> {
  return { id, userAgent, ip, createdAt, lastUsedAt, expiresAt };
}

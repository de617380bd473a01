import { Arg, Ctx, Directive, GraphQLISODateTime, Query, Resolver } from 'type-graphql';
import type { AuthContext } from './context.js';
import { RevocationPage } from './revocation.type.js';

@Resolver()
export class RevocationResolver {
  /** For the other processes of the platform; the supergraph's API does not have it. It names nobody. */
  @Directive('@inaccessible')
  @Query(() => RevocationPage)
  async revocations(
    @Arg('since', () => GraphQLISODateTime, { nullable: true }) since: Date | null,
    @Ctx() context: AuthContext,
  ): Promise<RevocationPage> {
    const { asOf, revocations } = await context.revocations.list(since);
    return { asOf: new Date(asOf), revocations: [...revocations] };
  }
}

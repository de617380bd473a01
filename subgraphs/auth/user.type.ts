import { Directive, Field, GraphQLISODateTime, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { PromptStorage } from '#shared/context/prompt-storage.js';
import type { Role } from '#shared/context/viewer.js';

export const UserRole = { user: 'user', admin: 'admin' } as const satisfies Record<Role, Role>;

registerEnumType(UserRole, { name: 'Role', description: 'What an account may do.' });

export const PromptStorageWish = { plain: 'plain', hash: 'hash' } as const satisfies Record<
  PromptStorage,
  PromptStorage
>;

registerEnumType(PromptStorageWish, {
  name: 'PromptStorage',
  description: 'What is kept of what a user asks and is answered.',
  valuesConfig: {
    plain: { description: 'The words, unless the whole deployment keeps hashes alone.' },
    hash: { description: 'Hashes of them, and no word. Pictures are kept.' },
  },
});

@Directive('@key(fields: "id")')
@ObjectType({ description: 'An account. Only its owner and admins see it.' })
export class User {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  email!: string;

  @Field(() => UserRole)
  role!: Role;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  @Field(() => PromptStorageWish, {
    description:
      'What the user wishes to be kept of their words. A deployment that keeps hashes keeps no more for anybody.',
  })
  promptStorage!: PromptStorage;
}

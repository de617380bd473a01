import { Directive, Field, GraphQLISODateTime, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { Role } from '#shared/context/viewer.js';

export const UserRole = { user: 'user', admin: 'admin' } as const satisfies Record<Role, Role>;

registerEnumType(UserRole, { name: 'Role', description: 'What an account may do.' });

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
}

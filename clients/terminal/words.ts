/** Everything that the client says of its own. */
export interface Words {
  /** As `Intl` knows it. */
  readonly language: string;
  readonly usage: string;
  readonly help: string;
  readonly welcome: (email: string, url: string) => string;
  readonly email: string;
  readonly password: (email: string) => string;
  readonly register: (email: string) => string;
  readonly yes: RegExp;
  readonly registered: (email: string) => string;
  readonly wrongPassword: string;
  /** Where nobody can be asked whether to create one. */
  readonly noAccount: (email: string) => string;
  /** By how the search for it ended, of the data folder. */
  readonly noPlatform: Readonly<Record<'absent' | 'ended' | 'unreadable', (dataDir: string) => string>>;
  readonly noEmail: string;
  readonly noPassword: string;
  readonly badUrl: (url: string) => string;
  readonly unreachable: (url: string) => string;
  readonly lineBroke: (attempt: number, attempts: number) => string;
  readonly lineIsBack: string;
  readonly lineIsGone: string;
  readonly stopping: string;
  readonly stopped: string;
  readonly againToLeave: string;
  readonly newSession: string;
  readonly noSessions: string;
  readonly turns: (count: number) => string;
  readonly pickSession: string;
  readonly openedSession: (title: string) => string;
  readonly noSuchSession: string;
  readonly noHistory: string;
  readonly untitled: string;
  readonly unknownCommand: string;
  readonly tokens: (tokensIn: number, tokensOut: number) => string;
  readonly unknownCost: string;
  readonly failed: (code: string) => string;
}

import { reasonOf, UsageError } from '../../infra/command-line.js';
import { Conversation } from './conversation.js';
import { GraphqlApi, Unreachable } from './graphql-api.js';
import { wordsFor } from './locale.js';
import { chatOptions } from './options.js';
import { signIn } from './sign-in.js';
import { Terminal } from './terminal.js';
import { TokenFile } from './token-file.js';

/** Exit code of a program that SIGINT has ended: 128 and the number of the signal. */
const INTERRUPTED = 130;

/** `npm run chat`: a conversation with the platform, for people and for pipes. */
const words = wordsFor(process.env);
const terminal = new Terminal(process, !process.env['NO_COLOR']);

async function run(): Promise<boolean> {
  const options = await chatOptions(process.argv.slice(2), process.env, words);
  if (!options) {
    terminal.print(`${words.usage}\n`);
    return true;
  }
  const { url, sessionId, model } = options;
  const api = new GraphqlApi(url);
  const account = await signIn({ api, tokens: new TokenFile(options.tokenFile), options, terminal, words });
  if (!account) return false;
  if (terminal.isInteractive) terminal.note(words.welcome(account.email, url));
  return new Conversation({ terminal, words, api, account, model }, sessionId).run();
}

// Who reads the answers may have had enough of them, as `head` has.
process.stdout.on('error', () => process.exit(1));
process.on('SIGINT', () => terminal.interrupt());
// For as long as nobody else has a use for Ctrl-C, as while signing in: nothing that is under way is waited for.
terminal.onInterrupt(() => {
  terminal.close();
  // After the line that a closed terminal ends.
  setImmediate(() => process.exit(INTERRUPTED));
});

try {
  process.exitCode = (await run()) ? 0 : 1;
} catch (error) {
  terminal.fail(error instanceof Unreachable ? words.unreachable(error.url) : reasonOf(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
} finally {
  terminal.close();
}

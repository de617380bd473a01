import type { Words } from './words.js';

const COMMANDS = `  /new            begin another conversation
  /sessions       your conversations; /sessions 2 goes on with the second one
  /history        what was said in this one
  /help           this text
  /quit           leave, as Ctrl-D does

Ctrl-C stops an answer; a second one leaves.`;

export const ENGLISH: Words = {
  language: 'en',
  usage: `npm run chat -- [--url URL] [--email EMAIL] [--session ID] [--model MODEL] [--register]

Chats with the platform that \`npm start\` runs from this folder, or with the one at --url or PLATFORM_URL.
The password is asked for, or taken from CHAT_PASSWORD. Who has no account is asked whether to create one;
--register creates it without asking, which a pipe needs.
Lines from a pipe are sent one by one; answers go to the standard output, all else to the standard error.

${COMMANDS}`,
  help: COMMANDS,
  welcome: (email, url) => `Signed in as ${email} at ${url}. /help lists the commands.`,
  email: 'Email: ',
  password: (email) => `Password of ${email}: `,
  register: (email) => `No account is known by ${email} and this password. Create one? [y/N] `,
  yes: /^y(?:es)?$/i,
  registered: (email) => `Created an account for ${email}.`,
  wrongPassword: 'This is not the password of that account.',
  noAccount: (email) =>
    `No account is known by ${email} and this password. If the email is right, --register creates one.`,
  noPlatform: {
    absent: (dataDir) => `No platform runs on ${dataDir}. Start it with \`npm start\`, or name one by --url.`,
    ended: (dataDir) => `The platform on ${dataDir} ended unexpectedly; start it again.`,
    unreadable: (dataDir) => `running.json in ${dataDir} is damaged; stop the platform and start it again.`,
  },
  noEmail: 'Who are you? Give --email.',
  noPassword: 'There is nobody to ask for the password. Put it into CHAT_PASSWORD.',
  badUrl: (url) => `${url} is not an http or https address.`,
  unreachable: (url) => `The platform at ${url} cannot be reached.`,
  lineBroke: (attempt, attempts) => `The line broke; joining the answer again (${attempt} of ${attempts}) …`,
  lineIsBack: 'The line is back.',
  lineIsGone: 'The line broke too often; the answer is kept and can be seen with /history.',
  stopping: 'Stopping; once more to leave.',
  stopped: 'stopped',
  againToLeave: 'Once more to leave.',
  newSession: 'A new conversation.',
  noSessions: 'There are no conversations yet.',
  turns: (count) => (count === 1 ? '1 answer' : `${count} answers`),
  pickSession: '/sessions and a number goes on with that one.',
  openedSession: (title) => `Going on with “${title}”.`,
  noSuchSession: 'There is no conversation of that number.',
  noHistory: 'Nothing was said in this conversation yet.',
  untitled: 'untitled',
  unknownCommand: 'There is no such command; /help lists them.',
  tokens: (tokensIn, tokensOut) => `${tokensIn} → ${tokensOut} tokens`,
  unknownCost: 'cost unknown',
  failed: (code) => `The answer failed (${code}).`,
};

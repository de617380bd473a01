import type { Words } from './words.js';

const COMMANDS = `  /new            empieza otra conversación
  /sessions       tus conversaciones; /sessions 2 sigue con la segunda
  /history        lo que se ha dicho en esta
  /help           este texto
  /quit           salir, igual que Ctrl-D

Ctrl-C detiene la respuesta; otra vez, sale.`;

export const SPANISH: Words = {
  language: 'es',
  usage: `npm run chat -- [--url URL] [--email CORREO] [--session ID] [--model MODELO] [--register]

Conversa con la plataforma que \`npm start\` ejecuta en esta carpeta, o con la de --url o PLATFORM_URL.
La contraseña se pide, o se toma de CHAT_PASSWORD. A quien no tiene cuenta se le pregunta si crearla;
--register la crea sin preguntar, lo que hace falta en una tubería.
Las líneas de una tubería se envían una a una; las respuestas van a la salida estándar y lo demás a la de errores.

${COMMANDS}`,
  help: COMMANDS,
  welcome: (email, url) => `Sesión de ${email} en ${url}. /help muestra los comandos.`,
  email: 'Correo: ',
  password: (email) => `Contraseña de ${email}: `,
  register: (email) => `No hay cuenta de ${email} con esa contraseña. ¿Crearla? [s/N] `,
  yes: /^(?:s[ií]?|y(?:es)?)$/i,
  registered: (email) => `Cuenta creada para ${email}.`,
  wrongPassword: 'Esa no es la contraseña de la cuenta.',
  noAccount: (email) => `No hay cuenta de ${email} con esa contraseña. Si el correo es correcto, --register la crea.`,
  noPlatform: {
    absent: (dataDir) =>
      `No hay ninguna plataforma en marcha en ${dataDir}. Iníciala con \`npm start\` o indica otra con --url.`,
    ended: (dataDir) => `La plataforma de ${dataDir} terminó de forma inesperada; iníciala otra vez.`,
    unreadable: (dataDir) => `running.json en ${dataDir} está dañado; detén la plataforma e iníciala otra vez.`,
  },
  noEmail: '¿Quién eres? Indica --email.',
  noPassword: 'No hay a quién pedir la contraseña. Ponla en CHAT_PASSWORD.',
  badUrl: (url) => `${url} no es una dirección http o https.`,
  unreachable: (url) => `No se puede llegar a la plataforma en ${url}.`,
  lineBroke: (attempt, attempts) => `Se cortó la línea; retomando la respuesta (${attempt} de ${attempts}) …`,
  lineIsBack: 'La línea ha vuelto.',
  lineIsGone: 'La línea se cortó demasiadas veces; la respuesta se guarda y se ve con /history.',
  stopping: 'Deteniendo; otra vez para salir.',
  stopped: 'detenida',
  againToLeave: 'Otra vez para salir.',
  newSession: 'Una conversación nueva.',
  noSessions: 'Aún no hay conversaciones.',
  turns: (count) => (count === 1 ? '1 respuesta' : `${count} respuestas`),
  pickSession: '/sessions y un número sigue con esa.',
  openedSession: (title) => `Sigue «${title}».`,
  noSuchSession: 'No hay conversación con ese número.',
  noHistory: 'Aún no se ha dicho nada en esta conversación.',
  untitled: 'sin título',
  unknownCommand: 'No existe ese comando; /help los muestra.',
  tokens: (tokensIn, tokensOut) => `${tokensIn} → ${tokensOut} tokens`,
  unknownCost: 'coste desconocido',
  failed: (code) => `La respuesta falló (${code}).`,
};

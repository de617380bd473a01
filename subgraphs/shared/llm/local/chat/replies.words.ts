import type { Language } from './language.js';

const SETTINGS = [
  '```',
  'LLM_PROVIDER=openai-compatible',
  'LLM_BASE_URL=http://127.0.0.1:11434/v1',
  'LLM_MODEL=llama3.2',
  'PROVIDER_API_KEY=…',
  '```',
].join('\n');

/** Everything the offline responder can say. */
export interface Replies {
  greeting(name: string | null): string;
  readonly wellbeing: string;
  readonly thanks: string;
  farewell(name: string | null): string;
  readonly noted: string;
  readonly identity: string;
  readonly abilities: string;
  readonly setup: string;
  readonly jokes: readonly [string, ...string[]];
  introduction(name: string): string;
  name(name: string | null): string;
  clock(day: string, time: string): string;
  sum(expression: string, value: string): string;
  readonly noResult: string;
  count(messages: number): string;
  said(which: 'first' | 'last', quote: string): string;
  saidAll(quotes: readonly string[], left: number): string;
  saidAbout(subject: string, quote: string | null): string;
  readonly nothingSaid: string;
  answered(quote: string | null): string;
  summaryOfConversation(lines: string): string;
  summaryOfText(lines: string): string;
  related(quote: string): string;
  other(subjects: readonly string[]): string;
}

const es: Replies = {
  greeting: (name) =>
    `¡Hola${name ? `, ${name}` : ''}! Soy el asistente sin conexión de esta plataforma: no soy un modelo de lenguaje, así que no conozco el mundo, pero recuerdo lo que hablamos, resumo textos y hago cuentas. ¿En qué te ayudo?`,
  wellbeing:
    'Funcionando, gracias. Soy un programa sin conexión y sin humor que contar; pero puedo recordar lo que hablamos, resumir un texto o hacer una cuenta.',
  noted:
    'Tomo nota: puedes preguntarme por ello más adelante en esta conversación. Comentarlo no puedo, porque no hay un modelo detrás de mí.',
  thanks: '¡De nada! Si quieres, sigue: recuerdo todo lo que va de esta conversación.',
  farewell: (name) => `¡Hasta luego${name ? `, ${name}` : ''}! La conversación queda guardada en tu historial.`,
  identity:
    'Soy «offline-responder», el asistente sin conexión que trae la plataforma. No soy un modelo de lenguaje ni tengo conocimientos del mundo: respondo con reglas fijas sobre esta conversación. Quien administra la plataforma puede conectar un modelo de verdad con `LLM_PROVIDER=openai-compatible`.',
  abilities: [
    'Sin conexión y sin modelo puedo:',
    '- recordar esta conversación: «¿cómo me llamo?», «¿qué te pregunté antes?», «¿qué dije sobre…?»;',
    '- resumirla («resume la conversación»), o resumir un texto: «resume: …»;',
    '- hacer cuentas: «¿cuánto es 12 * (3 + 4)?», «15 % de 80»;',
    '- decirte la fecha y la hora (UTC), o algún chiste;',
    '- explicarte cómo conectar un modelo de verdad: «¿cómo configuro un modelo?».',
    'Lo que no puedo es contestar sobre el mundo: para eso hace falta un modelo.',
  ].join('\n'),
  setup: `Para que aquí conteste un modelo de verdad, define estas variables en el entorno del servicio y reinícialo:\n\n${SETTINGS}\n\nSirve cualquier servidor compatible con la API de OpenAI: OpenAI, GitHub Models, Ollama, vLLM, llama.cpp… La clave solo hace falta donde el proveedor la pide.`,
  jokes: [
    '¿Por qué los programadores prefieren el modo oscuro? Porque la luz atrae a los bichos.',
    'Hay 10 clases de personas: las que saben binario y las que no.',
    'Un byte entra en un bar con mala cara. «¿Qué te pasa?», pregunta el camarero. «Un bit de menos.»',
  ],
  introduction: (name) => `Mucho gusto, ${name}. Lo recordaré durante esta conversación. ¿En qué te ayudo?`,
  name: (name) =>
    name
      ? `Te llamas ${name}; me lo dijiste en esta conversación.`
      : 'Todavía no me lo has dicho. Si escribes «me llamo…», lo recordaré durante esta conversación.',
  clock: (day, time) => `Es ${day}, y son las ${time} (UTC).`,
  sum: (expression, value) => `${expression} = ${value}`,
  noResult: 'Esa cuenta no tiene un resultado que pueda darte: divide por cero o se sale de los números que manejo.',
  count: (messages) =>
    `Contando este, me has escrito ${messages} ${messages === 1 ? 'mensaje' : 'mensajes'} en lo que veo de esta conversación.`,
  said: (which, quote) =>
    `${which === 'first' ? 'Lo primero que me escribiste fue' : 'Justo antes me escribiste'}: «${quote}»`,
  saidAll: (quotes, left) =>
    `Hasta ahora me has escrito:\n${quotes.map((quote) => `- «${quote}»`).join('\n')}${left > 0 ? `\n…y ${left} más antes.` : ''}`,
  saidAbout: (subject, quote) =>
    quote
      ? `Sobre «${subject}» me dijiste: «${quote}»`
      : `No encuentro que me hayas dicho nada sobre «${subject}» en esta conversación.`,
  nothingSaid: 'Este es el primer mensaje tuyo que veo en esta conversación, así que aún no hay nada que recordar.',
  answered: (quote) =>
    quote ? `Te había contestado: «${quote}»` : 'Aún no te había contestado nada en esta conversación.',
  summaryOfConversation: (lines) => `Lo principal de lo que me has escrito, con tus propias palabras:\n${lines}`,
  summaryOfText: (lines) => `Las frases más centrales de tu texto, tal como están en él:\n${lines}`,
  related: (quote) => `Eso no lo sé por mi cuenta, pero antes me dijiste: «${quote}»`,
  other: (subjects) => {
    const heard = subjects.length > 0 ? `Entiendo que tu mensaje trata de ${joined(subjects, 'y')}. ` : '';
    return `${heard}No puedo contestarlo: soy un asistente sin conexión, sin un modelo detrás, y prefiero decírtelo a inventar. Puedo recordar lo que hablamos, resumir un texto que me pegues, hacer cuentas o explicarte cómo conectar un modelo («¿cómo configuro un modelo?»).`;
  },
};

const en: Replies = {
  greeting: (name) =>
    `Hello${name ? `, ${name}` : ''}! I am this platform's offline responder: no language model, so I know nothing of the world, but I remember what we say here, shorten texts and do sums. What can I do for you?`,
  wellbeing:
    'Up and running, thank you. I am an offline program with no moods to report, but I can recall what we said, shorten a text or do a sum.',
  noted:
    'Noted: you can ask me about it later in this conversation. I cannot comment on it, as there is no model behind me.',
  thanks: 'You are welcome! Go on if you like: I remember this whole conversation.',
  farewell: (name) => `Goodbye${name ? `, ${name}` : ''}! The conversation stays in your history.`,
  identity:
    'I am “offline-responder”, the responder this platform comes with. I am not a language model and know nothing of the world: I answer by fixed rules about this conversation. Whoever runs the platform can connect a real model with `LLM_PROVIDER=openai-compatible`.',
  abilities: [
    'Offline and without a model I can:',
    '- remember this conversation: “what is my name?”, “what did I ask before?”, “what did I say about…?”;',
    '- sum it up (“summarize our conversation”), or shorten a text: “summarize: …”;',
    '- do sums: “what is 12 * (3 + 4)?”, “15% of 80”;',
    '- tell the date and time (UTC), or a joke;',
    '- explain how to connect a real model: “how do I set up a model?”.',
    'What I cannot do is answer questions about the world: that takes a model.',
  ].join('\n'),
  setup: `To have a real model answer here, set these in the service's environment and restart it:\n\n${SETTINGS}\n\nAny server that speaks OpenAI's API will do: OpenAI, GitHub Models, Ollama, vLLM, llama.cpp… The key is needed only where the provider asks for one.`,
  jokes: [
    'Why do programmers prefer dark mode? Because light attracts bugs.',
    'There are 10 kinds of people: those who know binary and those who do not.',
    'I would tell you a UDP joke, but you might not get it.',
  ],
  introduction: (name) =>
    `Nice to meet you, ${name}. I will remember it during this conversation. What can I do for you?`,
  name: (name) =>
    name
      ? `Your name is ${name}; you told me in this conversation.`
      : 'You have not told me yet. Write “my name is…”, and I will remember it during this conversation.',
  clock: (day, time) => `It is ${day}, ${time} (UTC).`,
  sum: (expression, value) => `${expression} = ${value}`,
  noResult: 'That sum has no result I can give: it divides by zero, or leaves the numbers I can handle.',
  count: (messages) =>
    `Counting this one, you have written me ${messages} ${messages === 1 ? 'message' : 'messages'} in what I see of this conversation.`,
  said: (which, quote) =>
    `${which === 'first' ? 'The first thing you wrote was' : 'Just before this you wrote'}: “${quote}”`,
  saidAll: (quotes, left) =>
    `So far you have written:\n${quotes.map((quote) => `- “${quote}”`).join('\n')}${left > 0 ? `\n…and ${left} more before that.` : ''}`,
  saidAbout: (subject, quote) =>
    quote
      ? `About “${subject}” you told me: “${quote}”`
      : `I cannot find anything you told me about “${subject}” in this conversation.`,
  nothingSaid: 'This is the first message of yours that I see in this conversation, so there is nothing to recall yet.',
  answered: (quote) => (quote ? `I had answered: “${quote}”` : 'I had not answered anything yet in this conversation.'),
  summaryOfConversation: (lines) => `The main points of what you wrote, in your own words:\n${lines}`,
  summaryOfText: (lines) => `The most central sentences of your text, as they stand in it:\n${lines}`,
  related: (quote) => `I do not know that by myself, but earlier you told me: “${quote}”`,
  other: (subjects) => {
    const heard = subjects.length > 0 ? `I gather that your message is about ${joined(subjects, 'and')}. ` : '';
    return `${heard}I cannot answer it: I am an offline responder with no model behind me, and I would rather say so than make something up. I can recall what we said, shorten a text you paste, do sums, or explain how to connect a model (“how do I set up a model?”).`;
  },
};

export const REPLIES: Readonly<Record<Language, Replies>> = { es, en };

function joined(items: readonly string[], and: string): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} ${and} ${items.at(-1) ?? ''}`;
}

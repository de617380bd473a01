import type { Language } from './chat/language.js';

/** How people begin what they want done or told, in Spanish and English. Matched against folded text: lower case, no accents. */
export const ASKS =
  /^(?:por favor,? |please,? |can you |could you |puedes |podrias )?(?:explica(?:me)?|describe(?:me)?|define|dime|di|cuenta(?:me)?|habla(?:me)? (?:de|sobre)|escribe(?:me)?|haz(?:me)?|dame|genera|crea|enumera|lista|compara|resume(?:me)?|traduce|que (?:es|son|significa)|quien(?:es)? (?:es|son|fue)|como|cuando|donde|por que|explain|describe|define|tell me|write|make|give me|generate|create|list|compare|summari[sz]e|translate|what (?:is|are|does)|who (?:is|are|was)|how|when|where|why)\b/;

/** What is said instead of a summary of a request; `quote` is the request. */
export const NOTHING_TO_SUMMARIZE: Readonly<Record<Language, (quote: string) => readonly string[]>> = {
  es: (quote) => [
    `«${quote}» es una petición, no un texto que resumir.`,
    'El resumidor sin conexión de esta plataforma solo escoge las frases centrales del texto que recibe: no sabe nada por su cuenta, y prefiere decirlo a inventar.',
    'Envía un texto sobre el tema, o pide a quien administra la plataforma que conecte un modelo de lenguaje, y tendrás tu respuesta.',
  ],
  en: (quote) => [
    `“${quote}” is a request, not a text to summarize.`,
    'The offline summarizer of this platform only picks the central sentences of the text it is given: it knows nothing by itself, and would rather say so than make something up.',
    'Send a text on the subject, or ask whoever runs the platform to connect a language model, and you will have your answer.',
  ],
};

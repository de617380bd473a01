/** What is asked in a way of its own, with nothing to be taken out of the message. */
export type SimpleAsk =
  | 'name'
  | 'summary-of-conversation'
  | 'answered'
  | 'count'
  | 'clock'
  | 'setup'
  | 'identity'
  | 'abilities'
  | 'joke'
  | 'wellbeing';

/** How people ask, in Spanish and English. All but the names are matched against folded text: lower case, no accents. */
export const SAID =
  /\b(?:que|cual|cuales) (?:te |le |os )?(?:he )?(?:dije|dicho|pregunte|preguntado|escribi|comente|conte)\b|\bwhat (?:did|have) i (?:just |already |first |last )?(?:say|said|ask|asked|tell|told|write|written)\b|\b(?:mi|mis|my) (?:primer|primera|ultimo|ultima|anterior|first|last|previous|earlier)?\s?(?:mensaje|mensajes|pregunta|preguntas|message|messages|question|questions)(?: anterior(?:es)?)?\b/;
/** Followed by its subject. */
export const SAID_ABOUT =
  /\b(?:dije|dicho|conte|comente|pregunte|said|say|tell you|told you|ask|asked)(?: you)? (?:sobre|acerca de|de|about|regarding) (?:el |la |los |las |mi |mis |the |my )?(.{2,60}?)\s*[?.!]*$/;
export const NAME_GIVEN =
  /(?:[Mm]e llamo|[Mm]i nombre es|[Mm]y name is|[Mm]y name's|[Cc]all me|[Pp]uedes llamarme|[Ll]l[aá]mame)\s+([\p{L}][\p{L}\p{M}'’-]*(?:\s+\p{Lu}[\p{L}\p{M}'’-]*){0,2})/u;
/** Begins with a capital: `I'm fine` and `soy programador` introduce nobody by name. */
export const NAME_ALONE =
  /^(?:(?:[Hh]ola|[Hh]ello|[Hh]i|[Hh]ey|[Bb]uenas)[,!. ]+)?(?:[Ss]oy|I am|I'm)\s+(\p{Lu}[\p{L}\p{M}'’-]*)[.! ]*$/u;
export const SUMMARIZE =
  /^(?:por favor,? |please,? |can you |puedes )?(?:resume|resumeme|resumir|resumen de|haz un resumen de|summari[sz]e|sum up|tl;?dr)\b/;

/** The first that fits wins, so the narrower stand first. */
export const SIMPLE: readonly (readonly [SimpleAsk, RegExp])[] = [
  [
    'name',
    /\b(?:como me llamo|cual es mi nombre|(?:sabes|recuerdas|te acuerdas de) (?:como me llamo|mi nombre)|quien soy( yo)?\b|what(?: is|'s) my name|(?:know|remember) my name|who am i)\b/,
  ],
  [
    'summary-of-conversation',
    /\b(?:resum\w*|summar\w*|sum up|recap\w*)\b.{0,25}\b(?:conversacion|charla|chat|conversation|discussion|hablado|talked|so far)\b|\bde que (?:hemos hablado|hablamos)\b|\bwhat (?:have|did) we (?:talked?|discuss(?:ed)?)\b/,
  ],
  ['count', /\bcuant[oa]s (?:mensajes|preguntas|veces)\b|\bhow many (?:messages|questions|times)\b/],
  [
    'answered',
    /\bque (?:me )?(?:dijiste|respondiste|contestaste|has dicho)\b|\b(?:repite|repitelo|repeat)\b|\bwhat did you (?:just )?(?:say|answer|reply|tell)\b/,
  ],
  [
    'clock',
    /\bque (?:hora|dia|fecha) (?:es|son|tenemos)\b|\b(?:que|cual es la) fecha\b|\ben que (?:ano|mes|dia) estamos\b|\bwhat (?:time|day|date|year|month) is\b|\bwhat(?: is|'s) (?:the |today's )?(?:time|date|day)\b|\bla hora\b|\bcurrent (?:time|date)\b/,
  ],
  [
    'setup',
    /\b(?:configur\w+|instal\w+|conect\w+|activ\w+|cambi\w+|us(?:ar|o)|set ?up|connect\w*|enable|switch|change|use)\b.{0,40}\b(?:modelo|proveedor|provider|model|openai|ollama|llm|api ?key|clave|gpt\S*)\b|\bllm_\w+|\bprovider_api_key\b/,
  ],
  ['joke', /\b(?:chistes?|bromas?|jokes?|hazme reir|make me laugh)\b/],
  ['wellbeing', /\b(?:como estas|que tal|como te va|how are you|how is it going|how's it going)\b/],
  [
    'identity',
    /\b(?:quien|que|como) (?:eres|te llamas)\b|\beres (?:un|una|humano|real|chatgpt|gpt\S*|claude|ia)\b|\b(?:who|what) are you\b|\bwhat(?: is|'s) your name\b|\bare you (?:an?|human|real|chatgpt|gpt\S*|claude)\b|\b(?:que|cual) modelo\b|\b(?:what|which) model\b/,
  ],
  [
    'abilities',
    /\b(?:que (?:puedes|sabes) hacer|que puedes|para que sirves|en que (?:puedes ayudar\w*|me ayudas)|como funcionas|what can you|what do you do|how do you work|how can you help)\b|^(?:ayuda|ayudame|help|help me|socorro)[.!?]*$/,
  ],
];

export const FIRST = /\b(?:primer\w*|first|al principio)\b/;
export const LAST = /\b(?:ultim\w*|anterior\b|last|just|previous|antes|ahora mismo)\b/;
export const THANKS = /^(?:muchas |mil )?(?:gracias|thank|thanks|thx)\b/;
export const FAREWELL = /^(?:adios|hasta (?:luego|manana|pronto)|chao|bye|goodbye|see you|nos vemos)\b/;
export const GREETING =
  /^(?:hola|buenas|buenos dias|buenas (?:tardes|noches)|hello|hi|hey|good (?:morning|afternoon|evening)|ola|saludos|greetings)\b[\s,.!?]*/;
/** Someone tells of themselves. */
export const STATEMENT =
  /^(?:(?:y|pero|ademas|tambien|and|but|also|so),? )?(?:mi|mis|yo|soy|tengo|vivo|trabajo|estudio|naci|me (?:gusta|gustan|encanta)|estoy|my|i|i'm|i am|we|our|nuestro|nuestra)\b/;

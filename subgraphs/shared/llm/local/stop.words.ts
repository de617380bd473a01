/** Words so common that they tell the language of a message, and say nothing of its subject. Without accents. */
export const STOP_WORDS: Readonly<Record<'es' | 'en', ReadonlySet<string>>> = {
  es: words(`
    a al algo alguien algun alguna ahi ahora aqui ante antes asi aun aunque bien cada casi como con cual cuales cuando cuanto cuanta cuantos
    cuantas de del desde donde dos el ella ellas ellos en entre era eran eres es esa ese eso esos esas esta estaba estan estar estas este esto
    estos estoy fue fueron gracias ha habia haber hace hacer haces hacia han hasta hay he hola la las le les lo los mas me mi mis mucho muy nada ni no
    nos nosotros nuestra nuestro o os otra otro para pero poco por porque pregunte puede pueden puedes puedo pues que quien quienes quiero quieres se ser si
    sido sin sobre solo son soy su sus tal tambien tan tanto te tengo tiene tienen tienes todo todos tu tus un una uno unos unas usted vez voy y ya yo
    bullets bullet dame dime haz explica explicame cuentame buenos buenas dias tardes noches favor dije digo decir saber sabes fuera llamo llama
  `),
  en: words(`
    a about after again all also am an and any are as at be because been before but by can could did do does doing down each few for
    from further get give had has have having he hello her here hers hi him his how i if in into is it its just know let like me more most my
    no nor not now of off on once only or other our out over own please same say said she should so some such tell than thank thanks that the their them
    bullets bullet explain describe write show want hi hello
    then there these they this those through to too under until up us very was we were what when where which while who why will with
    would you your yours s t re m ll ve d don isn doesn
  `),
};

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

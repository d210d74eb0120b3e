const KHMER = /\p{Script=Khmer}/u;
/** The letters that Vietnamese has and its neighbours in Latin script have not. */
const VIETNAMESE = /[ăđơư\u1ea0-\u1ef9]/iu;

/** The language of a text that somebody else wrote; undefined is the page's own. */
export function languageOf(text: string): 'km' | 'vi' | undefined {
  if (KHMER.test(text)) return 'km';
  return VIETNAMESE.test(text) ? 'vi' : undefined;
}

/** Somebody else's words, marked with their language: for the right font, line breaks and voice. */
export const Written = ({ text }: { text: string }) => <span lang={languageOf(text)}>{text}</span>;

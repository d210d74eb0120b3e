/**
 * Lower case and without accents, so that `Đồng`, `DONG` and `đo\u0302\u0300ng` are the same text. Wide and circled forms of a
 * letter or digit become that letter or digit. Signs that are no accents, such as the vowels of Khmer, stay.
 */
export const unaccented = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{Script=Inherited}/gu, '')
    .toLowerCase()
    // Unicode takes the bar of đ for no accent. The letters of other languages that look like Đ are often typed for it.
    .replace(/[đðɖ]/gu, 'd')
    // How a sigma is written depends on what follows it, and a part of a text must stay a part of it.
    .replaceAll('ς', 'σ');

/** Whether a header can hold it as it is: printable ASCII without blanks, as every token and API key is. */
export const isHeaderText = (text: string): boolean => /^[\x21-\x7e]+$/.test(text);

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text has the form of a UUID (RFC 9562 §4), of any version. What it names may still not exist. */
export const isUuid = (text: string): boolean => UUID.test(text);

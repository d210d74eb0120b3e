/** An answer or a part of one: what it holds is judged by the assertion that reads it. */
// oxlint-disable-next-line typescript/no-explicit-any -- see above
export type Json = any;

/** Of keys that are made here. Both are among those that the gateway accepts (operator.ts). */
export const KEY_ALGORITHMS = ['ES256', 'EdDSA'] as const;

export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

import { createHash } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';

/** Turns a value into a text that only the holders of the keys can read or make, and back. */
export interface Sealer {
  /**
   * @param binding what the value belongs to, such as a row's id: it opens for the same binding alone. Not secret.
   * @param value anything that JSON can hold.
   */
  seal(binding: string, value: unknown): Promise<string>;
  /**
   * @returns what was sealed. It needs no further check of its shape, as only this program can have written it.
   * @throws SealError
   */
  open(binding: string, sealed: string): Promise<unknown>;
  /** Whether the text was sealed with the first key, so that it need not be sealed again. */
  isCurrent(sealed: string): boolean;
}

/** Rows that hold something sealed, whatever it is: every store of such rows is one of these. */
export interface SealedRows<R extends SealedRow> {
  /** Every row, once. */
  all(): AsyncIterable<R>;
  get(id: string): Promise<R | null>;
  /** Compare-and-set. @returns null when the row changed meanwhile, or is gone. */
  replace(row: NoInfer<R>, expectedVersion: number): Promise<R | null>;
}

export interface SealedRow {
  readonly id: string;
  readonly version: number;
  readonly sealed: string;
}

/** `unknown-key`: none of the keys sealed it. `damaged`: not sealed text, changed, or bound to something else. */
export class SealError extends Error {
  override readonly name = 'SealError';
  readonly kind: 'unknown-key' | 'damaged';

  constructor(kind: 'unknown-key' | 'damaged') {
    super(kind === 'unknown-key' ? 'sealed with a key that is not known here' : 'the seal is damaged');
    this.kind = kind;
  }
}

const KEY_BYTES = 32;
const ALGORITHM = 'dir';
const ENCRYPTION = 'A256GCM';
/** Our own header parameter. Like the whole protected header it is covered by the seal (RFC 7516 §5.1 step 14). */
const BINDING = 'bound';

/**
 * JWE in compact form, `dir` with `A256GCM` (RFC 7516, RFC 7518 §4.5 and §5.3); `kid` is a short digest of the key.
 * @param keys each of 32 random bytes; the first seals, all open, so that keys can be exchanged one after another.
 * @throws TypeError when there is no key, or one has another length.
 */
export function createSealer(keys: readonly Uint8Array[]): Sealer {
  const [first] = keys;
  if (!first || keys.some((key) => key.length !== KEY_BYTES)) {
    throw new TypeError(`sealing needs at least one key, each of ${KEY_BYTES} bytes`);
  }
  const currentId = keyId(first);
  const byId = new Map(keys.map((key) => [keyId(key), key]));

  return {
    seal: (binding, value) =>
      new CompactEncrypt(new TextEncoder().encode(JSON.stringify(value)))
        .setProtectedHeader({ alg: ALGORITHM, enc: ENCRYPTION, kid: currentId, [BINDING]: binding })
        .encrypt(first),

    async open(binding, sealed) {
      const key = byId.get(headerOf(sealed).kid ?? '');
      if (!key) throw new SealError('unknown-key');
      const opened = await compactDecrypt(sealed, key, {
        keyManagementAlgorithms: [ALGORITHM],
        contentEncryptionAlgorithms: [ENCRYPTION],
      }).catch(() => null);
      if (opened?.protectedHeader[BINDING] !== binding) throw new SealError('damaged');
      return JSON.parse(new TextDecoder().decode(opened.plaintext));
    },

    isCurrent: (sealed) => headerOf(sealed).kid === currentId,
  };
}

/** Not yet verified: good for choosing the key, and for nothing else. */
function headerOf(sealed: string): { readonly kid?: string } {
  try {
    return decodeProtectedHeader(sealed);
  } catch {
    throw new SealError('damaged');
  }
}

/** 66 bits: enough to tell a handful of keys apart, and the keys themselves are random, so it tells nothing of them. */
const keyId = (key: Uint8Array): string => createHash('sha256').update(key).digest('base64url').slice(0, 11);

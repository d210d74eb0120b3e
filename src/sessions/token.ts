import { createHash, randomBytes } from 'node:crypto';

/** Tells a session token from a JWT at a glance, and lets a scanner for leaked secrets find it. */
const PREFIX = 'mks_';
const SHAPE = /^mks_[A-Za-z0-9_-]{43}$/;

/** 256 random bits. Given to the client once, and never stored. */
export const newSessionToken = (): string => PREFIX + randomBytes(32).toString('base64url');

/** Whether the text claims to be a session token; it may still be malformed. */
export const looksLikeSessionToken = (text: string): boolean => text.startsWith(PREFIX);

export const isSessionToken = (text: string): boolean => SHAPE.test(text);

/**
 * What the session is stored and known under: SHA-256, 64 hex digits. No salt and no slow hash is needed, as nobody
 * can try out 256 random bits.
 */
export const sessionIdOf = (token: string): string => createHash('sha256').update(token).digest('hex');

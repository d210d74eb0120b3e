import { describe, expect, test } from 'vitest';
import { createAuthenticate } from '../../src/auth/authenticate.ts';
import type { OperatorVerifier } from '../../src/auth/operator.ts';
import {
  ANONYMOUS,
  type OperatorViewer,
  requireScope,
  requireSession,
  viewerExpiresAt,
} from '../../src/auth/viewer.ts';
import { apiKeyGrant, createWorld, START } from './session-support.ts';

const operator: OperatorViewer = {
  kind: 'OPERATOR',
  subject: 'back-office',
  scopes: new Set(['casso:read']),
  expiresAt: START,
};
const unauthenticated = expect.objectContaining({ code: 'UNAUTHENTICATED' });

/** Stands for any verifier: what it is given, it takes for the operator's token. */
const operators: OperatorVerifier = { verify: async () => operator };

async function setUp() {
  const { sessions } = createWorld().startProcess();
  const { token, session } = await sessions.start('CASSO', apiKeyGrant());
  return { sessions, token, session, authenticate: createAuthenticate({ sessions, operators }) };
}

describe('who is asking', () => {
  test('is anonymous without a header', async () => {
    const { authenticate } = await setUp();
    expect(await authenticate(undefined)).toEqual({ kind: 'ANONYMOUS' });
  });

  test('is the session of a session token, whatever the case of the scheme', async () => {
    const { authenticate, token, session } = await setUp();
    for (const scheme of ['Bearer', 'bearer', 'BEARER ']) {
      expect(await authenticate(`${scheme} ${token}`)).toEqual({ kind: 'SESSION', session });
    }
  });

  test('is the operator of any other token', async () => {
    const { authenticate } = await setUp();
    expect(await authenticate('Bearer a.b.c')).toBe(operator);
  });

  test('is refused, never taken for anonymous, with a header that is malformed, and told its form', async () => {
    const { authenticate, token } = await setUp();
    for (const header of [
      '',
      'Bearer',
      'Bearer ',
      token,
      `Basic ${token}`,
      `Bearer ${token} x`,
      `Bearer "${token}"`,
    ]) {
      await expect(authenticate(header)).rejects.toMatchObject({
        code: 'UNAUTHENTICATED',
        message:
          'No token was found. Send it as "Authorization: Bearer <token>", without quotes around the token.',
      });
    }
  });

  test('is refused with a session token that is unknown, malformed, or ended, in the same words', async () => {
    const { authenticate, sessions, token, session } = await setUp();
    await sessions.end(session);
    const refusals = [token, `mks_${'A'.repeat(43)}`, 'mks_', `${token}.x.y`].map((text) =>
      authenticate(`Bearer ${text}`).catch((error: Error) => error.message),
    );
    expect(new Set(await Promise.all(refusals))).toEqual(
      new Set(['The token is not valid, or no longer: log in again.']),
    );
  });

  test('is refused with an operator token where those are not accepted', async () => {
    const { sessions } = await setUp();
    const authenticate = createAuthenticate({ sessions, operators: null });
    await expect(authenticate('Bearer a.b.c')).rejects.toEqual(unauthenticated);
  });
});

describe('what a viewer may', () => {
  test('is narrowed by scopes for an operator, and not for a session', async () => {
    const { session } = await setUp();
    const viewer = { kind: 'SESSION', session } as const;
    expect(requireScope(operator, 'casso:read')).toBe(operator);
    expect(requireScope(viewer, 'casso:sync')).toBe(viewer);
    expect(() => requireScope(operator, 'casso:sync')).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN', details: { requiredScope: 'casso:sync' } }),
    );
    expect(() => requireScope(ANONYMOUS, 'casso:read')).toThrow(unauthenticated);
  });

  test('on a session needs one', async () => {
    const { session } = await setUp();
    expect(requireSession({ kind: 'SESSION', session })).toBe(session);
    expect(() => requireSession(operator)).toThrow(unauthenticated);
    expect(() => requireSession(ANONYMOUS)).toThrow(unauthenticated);
  });

  test('ends when its token does', async () => {
    const { session } = await setUp();
    expect(viewerExpiresAt({ kind: 'SESSION', session })).toBe(session.expiresAt);
    expect(viewerExpiresAt(operator)).toBe(START);
    expect(viewerExpiresAt(ANONYMOUS)).toBeNull();
  });
});

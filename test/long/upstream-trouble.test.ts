import assert from 'node:assert/strict';
import { expect, onTestFinished, test } from 'vitest';
import { GatewayError } from '../../src/domain/errors.ts';
import { createBongloyClient } from '../../src/providers/bongloy/index.ts';
import {
  type BongloySandbox,
  SANDBOX_CARDHOLDERS,
  startBongloySandbox,
} from '../../src/providers/bongloy/sandbox/index.ts';
import type { Credential } from '../../src/providers/provider.ts';
import { createUpstream } from '../../src/upstream/create-upstream.ts';
import { collectGarbage } from '../support/garbage.ts';

const CALLS = 10_000;
const AT_ONCE = 32;
/** For what never comes; whatever does come has the usual time, as this machine may be busy. */
const SHORT_MS = 60;
const MIB = 1024 * 1024;

/** What a provider may do to a call, and what the caller is told. */
const TROUBLE = [
  [{ kind: 'hang' }, 'UPSTREAM_TIMEOUT'],
  [{ kind: 'slow-body', ms: 20 }, 'UPSTREAM_TIMEOUT'],
  [{ kind: 'reset' }, 'UPSTREAM_UNAVAILABLE'],
  [{ kind: 'reset-mid-body' }, 'UPSTREAM_UNAVAILABLE'],
  [{ kind: 'wrong-content-length' }, 'UPSTREAM_UNAVAILABLE'],
  [{ kind: 'status', code: 500 }, 'UPSTREAM_UNAVAILABLE'],
  [{ kind: 'status', code: 503, retryAfter: 60 }, 'UPSTREAM_UNAVAILABLE'],
  [{ kind: 'status', code: 429, retryAfter: 60 }, 'RATE_LIMITED'],
  [{ kind: 'status', code: 429 }, 'RATE_LIMITED'],
  [{ kind: 'status', code: 403 }, 'UPSTREAM_REJECTED'],
  [{ kind: 'html' }, 'UPSTREAM_UNAVAILABLE'],
  [{ kind: 'html', code: 502 }, 'UPSTREAM_UNAVAILABLE'],
  [{ kind: 'truncated-json' }, 'UPSTREAM_UNAVAILABLE'],
  [{ kind: 'wrong-shape' }, 'UPSTREAM_UNAVAILABLE'],
  [{ kind: 'huge-body', bytes: MIB }, 'UPSTREAM_UNAVAILABLE'],
] as const;

/** Collects garbage first, so that what is counted is held by somebody. */
function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length;

function cardholderOf(bongloy: BongloySandbox): Credential {
  const { access_token } = bongloy.control.issueTokens({ cardholder: SANDBOX_CARDHOLDERS.main });
  return {
    provider: 'BONGLOY',
    id: 'main',
    authorization: async () => `Bearer ${access_token}`,
    renew: async () => null,
  };
}

test(`${CALLS} calls that go wrong in every way are each told apart, and leave nothing behind`, async () => {
  const socketsBefore = openSockets();
  const bongloy = await startBongloySandbox();
  onTestFinished(() => bongloy.close());
  const credential = cardholderOf(bongloy);
  const clientWith = (attemptTimeoutMs: number) => {
    const upstream = createUpstream({
      name: 'bongloy',
      baseUrl: bongloy.url,
      attemptTimeoutMs,
      maxResponseBytes: MIB / 2,
      concurrency: AT_ONCE,
      // Every call is to be sent, once: the breaker and the retries have tests of their own.
      retries: 0,
      breaker: { minimumCalls: Number.POSITIVE_INFINITY },
    });
    return { client: createBongloyClient({ upstream }), close: () => upstream.close() };
  };
  const [patient, hasty] = [clientWith(8_000), clientWith(SHORT_MS)];
  const signal = new AbortController().signal;
  const { rows } = await patient.client.transactions({ credential, signal }, { size: TROUBLE.length });
  // A transaction for each kind of trouble, so that every call knows what it will meet.
  const calls = TROUBLE.map(([fault, code], index) => {
    const id = rows[index]?.id ?? '';
    bongloy.control.setFault({ ...fault, match: `/connect/v1/transactions/${id}`, times: CALLS });
    return { id, title: `${JSON.stringify(fault)}: ${code}`, fault, isLate: code === 'UPSTREAM_TIMEOUT' };
  });
  const outcomes = new Map<string, number>();
  let attempts = 0;

  async function call(number: number): Promise<void> {
    const { id, fault, isLate } = calls[number % calls.length] ?? assert.fail();
    const onAttempt = () => {
      attempts += 1;
    };
    const error: unknown = await (isLate ? hasty : patient).client
      .transaction({ credential, signal, onAttempt }, id)
      .catch((reason: unknown) => reason);
    const outcome = `${JSON.stringify(fault)}: ${error instanceof GatewayError ? error.code : String(error)}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }

  let next = 0;
  const callUntil = async (end: number): Promise<void> => {
    const caller = async () => {
      while (next < end) await call(next++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, caller));
    // What the simulator remembers is its own.
    bongloy.clearRequests();
  };
  await callUntil(CALLS / 5);
  const heapAfterFifth = heapUsed();
  await callUntil(CALLS);
  const growth = heapUsed() - heapAfterFifth;

  expect([...outcomes.keys()].toSorted()).toEqual(calls.map(({ title }) => title).toSorted());
  expect([...outcomes.values()].reduce((sum, count) => sum + count)).toBe(CALLS);
  expect(attempts).toBe(CALLS);
  // 8,000 calls that each left a timer, a listener or an answer behind would hold much more.
  expect(growth).toBeLessThan(4 * MIB);

  await Promise.all([patient.close(), hasty.close()]);
  await bongloy.close();
  await expect.poll(openSockets).toBe(socketsBefore);
}, 180_000);

import { z } from 'zod';
import type { SandboxControl, SandboxParts } from './control.ts';
import { json, parseJson, type Reply, type SandboxRequest } from './message.ts';
import { ControlRefused } from './refused.ts';

const PREFIX = '/_sandbox/';

/**
 * The control calls for other processes: `POST /_sandbox/make-transfer` with the input as JSON (or nothing) answers
 * 200 with the result as JSON, 422 with `{"error"}` if it cannot be done. `GET /_sandbox/state` is a summary. Anything
 * else there is answered 404 with the list of the calls.
 * Undefined for paths that do not begin with `/_sandbox/`.
 */
export async function answerControl(
  request: SandboxRequest,
  control: SandboxControl,
  parts: SandboxParts,
): Promise<Reply | undefined> {
  if (!request.path.startsWith(PREFIX)) return undefined;
  const name = request.path.slice(PREFIX.length);
  if (request.method === 'GET' && name === 'state') return json(200, summary(parts));

  const call = Object.entries(control).find(([key]) => kebab(key) === name)?.[1] as
    | ((input: unknown) => unknown)
    | undefined;
  if (!call || request.method !== 'POST') {
    const calls = Object.keys(control).map((key) => `POST ${PREFIX}${kebab(key)}`);
    return json(404, { error: 'no such control call', calls: [`GET ${PREFIX}state`, ...calls] });
  }
  const input = request.body === '' ? undefined : parseJson(request.body);
  if (request.body !== '' && input === undefined) return json(400, { error: 'the body is not JSON' });
  try {
    return json(200, (await call(input)) ?? null);
  } catch (error) {
    if (error instanceof ControlRefused) return json(422, { error: error.message });
    if (error instanceof z.ZodError) return json(422, { error: z.prettifyError(error) });
    throw error;
  }
}

function summary({ state, webhooks, faults, rateLimit }: SandboxParts) {
  return {
    businesses: [...state.businesses.values()].map(({ profile, accounts, transactions, ...business }) => ({
      name: profile.name,
      id: profile.id,
      accounts: [...accounts.values()].map(({ id, accountNumber, balance }) => ({
        id,
        accountNumber,
        balance,
      })),
      transactions: transactions.length,
      webhooks: (business.webAppWebhook ? 1 : 0) + business.webhooks.size,
    })),
    requestsPerMinute: rateLimit.requestsPerMinute,
    faults: faults.waiting,
    webhooks: { pending: webhooks.pending, attempts: webhooks.deliveries.length },
  };
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
}

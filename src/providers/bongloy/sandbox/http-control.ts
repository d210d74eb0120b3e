import { z } from 'zod';
import { ControlRefused, type SandboxControl, type SandboxParts } from './control.ts';
import { json, parseJson, type Reply, type SandboxRequest } from './message.ts';

const PREFIX = '/_sandbox/';

/**
 * The control calls for other processes: `POST /_sandbox/make-purchase` with the input as JSON (or nothing) answers
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

function summary({ state, webhooks, faults, paging, tokens, log }: SandboxParts) {
  return {
    cardholders: [...state.cardholders.values()].map(({ id, attributes }) => ({
      id,
      name: attributes.name,
      phoneNumber: attributes.phone_number,
      accounts: state.accounts.ownedBy(id).length,
      cards: state.cards.ownedBy(id).length,
      transactions: state.transactions.ownedBy(id).length,
    })),
    paging,
    rotation: tokens.rotation,
    faults: faults.waiting,
    requests: log.total,
    webhooks: { pending: webhooks.pending, attempts: webhooks.deliveries.length },
  };
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
}

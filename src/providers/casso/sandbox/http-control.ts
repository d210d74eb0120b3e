import { z } from 'zod';
import type { SandboxControl, SandboxParts } from './control.ts';
import * as inputs from './control-inputs.ts';
import { faultInput } from './faults.ts';
import { json, parseJson, type Reply, type SandboxRequest } from './message.ts';
import { ControlRefused } from './refused.ts';

const PREFIX = '/_sandbox/';

/** What the calls take; those that are not here take nothing. */
const INPUTS = {
  makeTransfer: inputs.transferInput,
  addAccount: inputs.accountInput,
  setWebhook: inputs.webhookInput,
  dropNextWebhook: inputs.dropInput,
  sendWebhook: inputs.sendWebhookInput,
  expireTokens: inputs.expireInput,
  revokeKey: inputs.businessInput,
  setFault: faultInput,
  setRequestsPerMinute: inputs.rateInput,
} satisfies Partial<Record<keyof SandboxControl, z.ZodType>>;

const ARGUMENTS = Object.fromEntries(
  Object.entries(INPUTS).map(([key, input]) => {
    const { $schema: _, ...schema } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
    return [kebab(key), schema];
  }),
);

/**
 * The control calls for other processes: `POST /_sandbox/make-transfer` with the input as JSON (or nothing) answers
 * 200 with the result as JSON, 422 with `{"error"}` if it cannot be done. `GET /_sandbox/state` is a summary, and
 * `GET /_sandbox/` lists the calls, with their arguments as JSON Schema and the settings that wire a gateway to this simulator.
 * Anything else there is answered 404 with the list of the calls.
 * @param settings by their names.
 * Undefined for paths that do not begin with `/_sandbox/`.
 */
export async function answerControl(
  request: SandboxRequest,
  control: SandboxControl,
  parts: SandboxParts,
  settings: Readonly<Record<string, string>>,
): Promise<Reply | undefined> {
  if (!request.path.startsWith(PREFIX)) return undefined;
  const name = request.path.slice(PREFIX.length);
  if (request.method === 'GET' && name === 'state') return json(200, summary(parts));

  const call = Object.entries(control).find(([key]) => kebab(key) === name)?.[1] as
    | ((input: unknown) => unknown)
    | undefined;
  if (!call || request.method !== 'POST') {
    const calls = Object.keys(control).map((key) => `POST ${PREFIX}${kebab(key)}`);
    const index = { calls: [`GET ${PREFIX}state`, ...calls] };
    return request.method === 'GET' && name === ''
      ? json(200, { ...index, arguments: ARGUMENTS, settings })
      : json(404, { error: 'no such control call', ...index });
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

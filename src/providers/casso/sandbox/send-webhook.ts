import type { z } from 'zod';
import type { Clock } from '../../../lib/clock.ts';
import type { Business, StoredTransaction } from './business.ts';
import { type sendWebhookInput, transferInput } from './control-inputs.ts';
import { RECIPES, type Subject } from './forgery.ts';
import { ControlRefused, known } from './refused.ts';
import type { SandboxState } from './state.ts';
import { accountOf, inventedRow, newMovement } from './transfers.ts';
import type { Delivery, WebhookSender } from './webhooks.ts';

interface Sending {
  readonly clock: Clock;
  readonly state: SandboxState;
  readonly webhooks: WebhookSender;
}

/** One POST for each parcel of the mode, in order, with no retries. */
export async function sendWebhook(
  business: Business,
  wanted: z.output<typeof sendWebhookInput>,
  { clock, state, webhooks }: Sending,
): Promise<readonly Delivery[]> {
  const webhook = known(business.allWebhooks()[0], 'the business has no webhook');
  const { version = webhook.version } = wanted;
  const { about, only = version, forge } = RECIPES[wanted.mode];
  if (only !== version) throw new ControlRefused(`${wanted.mode} is for ${only} alone`);

  const now = clock.now();
  const sent: Delivery[] = [];
  for (const parcel of forge(version, rowsFor(business, about, state, now), webhook.secret, now)) {
    sent.push(await webhooks.attempt(webhook.url, parcel, sent.length + 1));
  }
  return sent;
}

function rowsFor(
  business: Business,
  about: Subject,
  state: SandboxState,
  now: number,
): readonly StoredTransaction[] {
  const transfer = transferInput.parse({});
  const account = accountOf(business, undefined);
  const real = () => state.record(business, account.id, newMovement(transfer, state, now));
  const subjects: Readonly<Record<Subject, () => readonly StoredTransaction[]>> = {
    one: () => [real()],
    three: () => [real(), real(), real()],
    newest: () => [known(business.transactions.at(-1), 'the business has no transaction')],
    invention: () => [inventedRow(state, account, transfer, now)],
  };
  return subjects[about]();
}

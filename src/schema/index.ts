import './scalars.ts';
import './account/query.ts';
import './account/relations.ts';
import './activity/query.ts';
import './bank-account/query.ts';
import './bank-account/relations.ts';
import './bank-sync/sync.ts';
import './bank-sync/webhook.ts';
import './bank-transaction/query.ts';
import './bank-transaction/relations.ts';
import './card/query.ts';
import './card/relations.ts';
import './card-issuer/type.ts';
import './cardholder/relations.ts';
import './cardholder/type.ts';
import './event/query.ts';
import './event/subscription.ts';
import './node/query.ts';
import './session/cardholder-login.ts';
import './session/casso-link.ts';
import './session/lifetime.ts';
import './transaction/query.ts';
import './transaction/relations.ts';
import './viewer/type.ts';
import { builder } from './builder.ts';
import { rowsAsPromises } from './rows-as-promises.ts';
import { describeLengths } from './text-lengths.ts';
import { traceRootFields } from './trace-root-fields.ts';

const built = builder.toSchema();
built.description =
  'Mekong: one API over two payment providers, Bongloy (cards, Cambodia) and Casso (bank accounts, Vietnam). Log in with a ' +
  'mutation, send the token as `Authorization: Bearer …`, read and page with queries, and hear of what happens by ' +
  'subscription, from a cursor on, losing nothing. Whatever comes from a provider may be null, with an error beside it ' +
  'whose `extensions.code` is an `ErrorCode`.';

/** The whole schema: every domain has added its types and fields to the builder. */
export const schema = traceRootFields(rowsAsPromises(describeLengths(built)));

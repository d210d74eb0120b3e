import * as fc from 'fast-check';
import { schema } from '../../src/schema/index.ts';
import {
  type RandomOperation,
  randomMutation,
  randomQuery,
  randomSubscription,
} from '../support/random-operation.ts';
import type { Draw, Values } from '../support/random-value.ts';
import { drawSpoilage, type Spoilage } from './spoil.ts';

export type Asker = 'anonymous' | 'cardholder' | 'business' | 'both' | 'operator';
export type Transport = 'post' | 'websocket' | 'sse';

/** One thing that is tried. */
export interface Case {
  readonly operation: RandomOperation;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly asker: Asker;
  readonly transport: Transport;
  /** How often it is asked, one after the other; from the third time on queries are compiled. */
  readonly times: number;
  readonly spoilages: readonly Spoilage[];
}

/** The case with that number of that seed: the same each time. */
export function drawCase(seed: number, number: number, values: Values): Case {
  const [found] = fc.sample(
    fc.gen().map((draw) => caseOf(draw, values)),
    { seed: seed + number * 7_919, numRuns: 1 },
  );
  if (!found) throw new Error('nothing was drawn');
  return found;
}

const fieldsOf = (root: 'getMutationType' | 'getSubscriptionType'): string[] =>
  Object.keys(schema[root]()?.getFields() ?? {});

function caseOf(draw: Draw, values: Values): Case {
  const kind = draw(
    fc.constantFrom,
    'query',
    'query',
    'query',
    'query',
    'mutation',
    'subscription',
  ) as Case['kind'];
  const options = { schema, values, depth: 5, directives: draw(fc.boolean), nullsAnywhere: draw(fc.boolean) };
  return {
    kind,
    operation: operationOf(draw, kind, options),
    asker: draw(fc.constantFrom, 'both', 'both', 'both', 'cardholder', 'business', 'operator', 'anonymous'),
    transport: draw(
      fc.constantFrom,
      'post',
      'websocket',
      ...(kind === 'subscription' ? ['sse'] : []),
    ) as Transport,
    times: kind === 'query' ? draw(fc.constantFrom, 1, 1, 2, 4) : 1,
    spoilages: Array.from({ length: draw(fc.constantFrom, 0, 1, 1, 2, 3) }, () => drawSpoilage(draw)),
  };
}

function operationOf(
  draw: Draw,
  kind: Case['kind'],
  options: Parameters<typeof randomQuery>[1],
): RandomOperation {
  if (kind === 'query') return randomQuery(draw, options);
  if (kind === 'mutation') {
    return randomMutation(draw, options, draw(fc.constantFrom, ...fieldsOf('getMutationType')));
  }
  // Executed for each event, whose fields do not have the root's directives.
  return randomSubscription(draw, options, draw(fc.constantFrom, ...fieldsOf('getSubscriptionType')));
}

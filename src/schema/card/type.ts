import type { Card as CardValue } from '../../domain/card.ts';
import { builder } from '../builder.ts';

const CardStatus = builder.enumType('CardStatus', {
  description: 'Whether a card can be used.',
  values: {
    ACTIVE: { value: 'ACTIVE', description: 'It can.' },
    OTHER: {
      value: 'OTHER',
      description: 'Any state that Bongloy does not document; see `rawStatus`.',
    },
  },
});

const CardType = builder.enumType('CardType', {
  description: 'What a card is made of.',
  values: {
    PHYSICAL: { value: 'PHYSICAL', description: 'Plastic.' },
    VIRTUAL: { value: 'VIRTUAL', description: 'A number alone.' },
    OTHER: { value: 'OTHER', description: 'A kind that Bongloy added later; see `rawType`.' },
  },
});

export const Card = builder.node(builder.objectRef<CardValue>('Card'), {
  description: 'A payment card. Its full number is never here.',
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    providerId: t.exposeID('providerId', { description: "Bongloy's own id, a UUID." }),
    lastFour: t.exposeString('lastFour', { description: 'The last four digits.' }),
    expMonth: t.exposeInt('expMonth', {
      description: 'The month at whose end it expires, 1 to 12.',
    }),
    expYear: t.exposeInt('expYear', {
      description: 'The year in which it expires, four digits.',
    }),
    status: t.expose('status', {
      type: CardStatus,
      description: 'Whether it can be used.',
    }),
    rawStatus: t.exposeString('rawStatus', {
      description: "The status in Bongloy's own word.",
    }),
    type: t.expose('type', { type: CardType, description: 'What it is made of.' }),
    rawType: t.exposeString('rawType', { description: "The type in Bongloy's own word." }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When Bongloy made the record.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When Bongloy last changed the record.',
    }),
  }),
});

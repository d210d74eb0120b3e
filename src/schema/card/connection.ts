import { builder } from '../builder.ts';
import { Card } from './type.ts';

export const CardConnection = builder.connectionObject(
  { type: Card, name: 'CardConnection', description: 'A page of cards.' },
  { name: 'CardEdge', description: 'A card and where it stands in the list.' },
);

import { SECOND } from '../lib/duration.ts';
import type { Sandbox } from './start.ts';

const EVERY = 4 * SECOND;

/** Made-up traffic, so that there is something to see: a card payment and a bank transfer in turn. @returns its end. */
export function startTraffic({ bongloy, casso }: Pick<Sandbox, 'bongloy' | 'casso'>): () => void {
  let purchase = false;
  const timer = setInterval(() => {
    purchase = !purchase;
    if (purchase) bongloy.control.makePurchase();
    else casso.control.makeTransfer({ business: 'main' });
  }, EVERY);
  return () => clearInterval(timer);
}

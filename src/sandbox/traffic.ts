import { MINUTE, SECOND } from '../lib/duration.ts';
import type { Sandbox } from './start.ts';

const EVERY = 4 * SECOND;
/** How often a bank keeps a transfer to itself until somebody asks for a sync. */
const KEPT_BACK_EVERY = MINUTE;

const PURCHASES = [
  { merchant: 'Riverside Coffee', amount: 275 },
  { merchant: 'ផ្សារអូឡាំពិក', amount: 1840 },
  { merchant: 'Rocket Rides', amount: 320 },
  { merchant: 'Angkor Books', amount: 1295 },
];

const TRANSFERS = [
  { description: 'Nguyễn Thị Ánh thanh toán đơn hàng 1042', amount: 350_000 },
  { description: 'Trả tiền cà phê bàn 7, cảm ơn quán', amount: 85_000 },
  { description: 'PHI DICH VU SMS BANKING', amount: -11_000 },
];

/** Made-up traffic, so that there is something to see: a card payment and a bank transfer in turn. @returns its end. */
export function startTraffic({ bongloy, casso }: Pick<Sandbox, 'bongloy' | 'casso'>): () => void {
  let turn = 0;
  const move = () => {
    const round = Math.floor(turn / 2);
    if (turn % 2 === 0) bongloy.control.makePurchase(PURCHASES[round % PURCHASES.length]);
    else casso.control.makeTransfer(TRANSFERS[round % TRANSFERS.length]);
    turn += 1;
  };
  const keepBack = () =>
    casso.control.makeTransfer({ description: 'Chuyển tiền, thấy khi đồng bộ', viaSync: true });

  keepBack();
  const timers = [setInterval(move, EVERY), setInterval(keepBack, KEPT_BACK_EVERY)];
  return () => timers.forEach(clearInterval);
}

import { rowsOf } from './rows.js';

/**
 * `GET /connect/v1/...` of the user, paged as Bongloy pages (size 1 to 100, 10 by default, `after` a row's id, newest
 * first): the bytes of the answer, or null for what does not exist. Every answer is made once and kept, so that the
 * upstream costs little and the same in every round.
 */
export function createConnect(makeRows = rowsOf) {
  const users = new Map();
  const answers = new Map();
  return (user, url) => {
    const key = `${user} ${url}`;
    let answer = answers.get(key);
    if (answer === undefined) {
      const document = documentAt(kept(users, user, makeRows), new URL(url, 'http://localhost'));
      answer = document && Buffer.from(JSON.stringify(document));
      answers.set(key, answer);
    }
    return answer;
  };
}

function documentAt(rows, { pathname, searchParams }) {
  const [, , , collection, id, part] = pathname.split('/');
  if (collection === 'card_issuer') return { data: rows.issuer };
  if (collection === 'cardholder') return { data: rows.cardholder };
  if (!['accounts', 'cards', 'transactions'].includes(collection)) return null;
  if (id === undefined) return page(pathname, rows[collection], searchParams);
  const found = (part === 'balance' ? rows.balances : rows[collection]).find((row) => row.id === id);
  return found ? { data: found } : null;
}

function page(pathname, rows, query) {
  const size = Math.min(Math.max(Number(query.get('page[size]') ?? 10) || 1, 1), 100);
  const after = query.get('page[after]');
  const from = after === null ? 0 : rows.findIndex(({ id }) => id === after) + 1;
  const data = rows.slice(from, from + size);
  const link = (name, row) =>
    `http://example.org${pathname}?page%5B${name}%5D=${row.id}&page%5Bsize%5D=${size}`;
  const more = from + size < rows.length;
  return {
    data,
    links: {
      prev: data.length > 0 ? link('before', data[0]) : null,
      next: more ? link('after', data[data.length - 1]) : null,
    },
  };
}

function kept(map, key, make) {
  if (!map.has(key)) map.set(key, make(key));
  return map.get(key);
}

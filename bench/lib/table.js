import { round } from './stats.js';

/** A markdown table; numbers get three significant digits. */
export function table(head, rows) {
  const text = (cell) =>
    typeof cell === 'number'
      ? round(cell).toLocaleString('en-US', { maximumFractionDigits: 3 })
      : String(cell);
  const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map(text))];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

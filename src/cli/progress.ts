import { Presets, SingleBar } from 'cli-progress';
import type { Terminal } from './terminal.ts';

export interface Progress {
  /** @param total null when nobody knows how many there are: then they are counted. */
  update(done: number, total: number | null): void;
  stop(): void;
}

/** A bar on standard error while something long is under way; nothing where nobody watches. */
export function startProgress(terminal: Pick<Terminal, 'watched'>, what: string): Progress {
  if (!terminal.watched) return { update() {}, stop() {} };
  const bar = new SingleBar(
    { stream: process.stderr, hideCursor: true, clearOnComplete: true, format, gracefulExit: true },
    Presets.shades_classic,
  );
  bar.start(0, 0, { what });
  return {
    update(done, total) {
      bar.setTotal(total ?? 0);
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}

type Format = Exclude<ConstructorParameters<typeof SingleBar>[0]['format'], string | undefined>;

const format: Format = (options, { progress, total, value }, { what }) => {
  if (total === 0) return `${what}: ${value.toLocaleString('en-US')}`;
  const width = options.barsize ?? 40;
  const full = Math.round(progress * width);
  const bar =
    (options.barCompleteString ?? '').slice(0, full) + (options.barIncompleteString ?? '').slice(full, width);
  return `${what} ${bar} ${Math.floor(progress * 100)} % of ${total.toLocaleString('en-US')}`;
};

import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLogLines, standardErrorLines } from '../../src/lib/log-lines.ts';
import { createLogger } from '../../src/lib/logger.ts';

const MEBIBYTE = 1024 * 1024;

test('lines without a reader are bounded, and how many were dropped is a line when they are read again', async () => {
  const held: (() => void)[] = [];
  const written: string[] = [];
  let isRead = false;
  const stream = new Writable({
    decodeStrings: false,
    write(line: string, _encoding, callback) {
      written.push(line);
      if (isRead) callback();
      else held.push(callback);
    },
  });
  const logger = createLogger('info', createLogLines(stream));
  for (let n = 0; n < 50_000; n += 1) logger.info({ reason: 'x'.repeat(200) }, 'operation');
  expect(stream.writableLength).toBeLessThan(5 * MEBIBYTE);

  isRead = true;
  for (const go of held.splice(0)) go();
  await new Promise<void>((resolve) => stream.write('', () => resolve()));
  logger.info('on');
  const lines = written.filter(Boolean).map((line) => JSON.parse(line));
  const told = lines.find(({ msg }) => msg.startsWith('lines of the log were dropped'));
  const kept = lines.filter(({ msg }) => msg === 'operation').length;
  expect(told).toEqual({ level: 'warn', time: expect.any(String), count: 50_000 - kept, msg: told.msg });
  expect(lines.at(-1)).toMatchObject({ msg: 'on' });
});

test('the end waits for what is read, and not for a reader that stopped', async () => {
  const read = new PassThrough();
  read.resume();
  const lines = createLogLines(read);
  lines.write('one\n');
  const begun = performance.now();
  await lines.written(30_000);
  expect(performance.now() - begun).toBeLessThan(10_000);

  const stuck = createLogLines(new Writable({ write() {} }));
  stuck.write('one\n');
  await stuck.written(50);
});

test('a reader that ended is no failure of ours', async () => {
  const gone = new PassThrough();
  const lines = createLogLines(gone);
  gone.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  lines.write('one\n');
  await lines.written(1000);
});

test('loggers of one process share what they write to', () => {
  const before = process.stderr.listenerCount('error');
  for (let n = 0; n < 20; n += 1) createLogger('silent');
  expect(standardErrorLines()).toBe(standardErrorLines());
  expect(process.stderr.listenerCount('error')).toBeLessThanOrEqual(before + 1);
});

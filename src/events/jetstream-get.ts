import { type JetStreamManager, jetstreamManager, type StoredMsg } from '@nats-io/jetstream';
import { SECOND } from '../lib/duration.ts';
import type { Nats } from '../store/nats.ts';

const DIRECT_WITHIN = SECOND;
/** The servers give up a connection to one of them that is silent after a minute or more. */
const LEADER_ALONE = 30 * SECOND;

/**
 * Reads messages of a stream by their position, from any copy. One that lags is not the last to be asked: then the leader is. The
 * servers share the questions among all copies; a server that was cut off from the others without a word gets its part, and answers
 * none. So once an answer is late, only the leader is asked for a while.
 * @param leader asks the leader, within the time that it has.
 */
export async function createGet(
  nats: Nats,
  stream: string,
  leader: JetStreamManager,
): Promise<(position: number) => Promise<StoredMsg | null>> {
  const { direct } = await jetstreamManager(nats.connection, { checkAPI: false, timeout: DIRECT_WITHIN });
  let leaderAloneUntil = 0;

  async function fromAnyCopy(position: number): Promise<StoredMsg | null> {
    if (performance.now() < leaderAloneUntil) return null;
    try {
      return await direct.getMessage(stream, { seq: position });
    } catch {
      leaderAloneUntil = performance.now() + LEADER_ALONE;
      return null;
    }
  }

  return async (position) =>
    (await fromAnyCopy(position)) ?? leader.streams.getMessage(stream, { seq: position });
}

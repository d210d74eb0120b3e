import type { ReactNode } from 'react';
import { type Connection, type Socket, useConnection } from '../api/socket.ts';

const WORDS: Readonly<Record<Connection, ReactNode>> = {
  live: 'Live',
  connecting: 'Connecting…',
  offline: (
    <span>
      Offline<span className="badge__more"> – will catch up</span>
    </span>
  ),
};

/** Whether what the page shows is what there is. */
export function ConnectionBadge({ socket }: { socket: Socket }) {
  const connection = useConnection(socket);
  return (
    <p className={`badge badge--${connection}`} role="status">
      {WORDS[connection]}
    </p>
  );
}

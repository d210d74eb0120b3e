import { type Connection, type Socket, useConnection } from '../api/socket.ts';

const WORDS: Readonly<Record<Connection, string>> = {
  live: 'Live',
  connecting: 'Connecting…',
  offline: 'Offline – will catch up',
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

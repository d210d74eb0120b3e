import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

/**
 * A WebSocket client that costs next to nothing, so that ten thousand in one process do not become what is measured:
 * reads unfragmented frames off a TCP socket, answers pings, and hands each text over as bytes.
 */
export function openSocket({ port, protocol, onText, onClose }) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    let kept = null;
    let upgraded = false;
    const send = (text) => socket.write(frame(0x1, Buffer.from(text)));
    socket.on('error', reject);
    socket.on('close', () => onClose?.());
    socket.write(
      `GET /graphql HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
    );
    socket.on('data', (chunk) => {
      let data = kept ? Buffer.concat([kept, chunk]) : chunk;
      kept = null;
      if (!upgraded) {
        const end = data.indexOf('\r\n\r\n');
        if (end < 0) {
          kept = data;
          return;
        }
        if (!data.subarray(0, 12).equals(SWITCHING)) {
          reject(new Error(data.toString('latin1', 0, 40)));
          socket.destroy();
          return;
        }
        upgraded = true;
        data = data.subarray(end + 4);
        resolve({ send, close: () => socket.destroy() });
      }
      let at = 0;
      for (;;) {
        const left = data.length - at;
        if (left < 2) break;
        let length = data[at + 1] & 0x7f;
        let head = 2;
        if (length === 126) {
          if (left < 4) break;
          length = data.readUInt16BE(at + 2);
          head = 4;
        } else if (length === 127) {
          if (left < 10) break;
          length = Number(data.readBigUInt64BE(at + 2));
          head = 10;
        }
        if (left < head + length) break;
        const opcode = data[at] & 0x0f;
        const payload = data.subarray(at + head, at + head + length);
        if (opcode === 0x1) onText(payload);
        else if (opcode === 0x9) socket.write(frame(0xa, payload));
        at += head + length;
      }
      if (at < data.length) kept = at === 0 ? data : Buffer.from(data.subarray(at));
    });
  });
}

const SWITCHING = Buffer.from('HTTP/1.1 101');

/** A client's frame is masked; a mask of zeros leaves the bytes as they are. */
function frame(opcode, payload) {
  const extended = payload.length > 125;
  const head = Buffer.alloc(extended ? 8 : 6);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (extended ? 126 : payload.length);
  if (extended) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

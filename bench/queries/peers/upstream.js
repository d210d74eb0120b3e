import { Pool } from 'undici';

/** undici as its documentation has it for many requests to one origin. */
export function createGet(baseUrl) {
  const pool = new Pool(baseUrl, { connections: 64 });
  return async (path, authorization) => {
    const { statusCode, body } = await pool.request({
      method: 'GET',
      path,
      headers: { accept: 'application/vnd.api+json', authorization },
    });
    if (statusCode !== 200) throw new Error(`the upstream answered ${statusCode}`);
    return body.json();
  };
}

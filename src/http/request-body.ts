import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import { nestsDeeper } from '../lib/nesting.ts';
import { MAX_JSON_NESTING, REFUSALS } from './refusals.ts';

/** What is no UTF-8 is no JSON (RFC 8259 §8.1), and would be read as another text. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The parameters in the body of a POST. The guard has refused a body that is too large or is not JSON by its head.
 * @returns null when the client left before all of it had come.
 * @throws GraphQLError BAD_USER_INPUT: it cannot be read as a JSON object. JSON that cannot be read is the client's
 *   mistake, and is not quoted, whatever secret it holds.
 */
export async function readBody(request: IncomingMessage): Promise<GraphQLParams | null> {
  const bytes = await bytesOf(request);
  return bytes && parametersIn(bytes);
}

function bytesOf(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const [only] = chunks;
      resolve(only && chunks.length === 1 ? only : Buffer.concat(chunks));
    });
    // After `end` it changes nothing.
    request.once('close', () => resolve(null));
    if (request.destroyed) resolve(null);
  });
}

function parametersIn(bytes: Buffer): GraphQLParams {
  let body: unknown;
  try {
    const text = UTF8.decode(bytes);
    // Time to parse what is nested deep is out of proportion to its length.
    if (nestsDeeper(text, MAX_JSON_NESTING)) throw mistake(REFUSALS.tooDeep.message);
    body = JSON.parse(text);
  } catch (error) {
    throw error instanceof GraphQLError ? error : mistake(REFUSALS.brokenJson.message);
  }
  if (typeof body === 'object' && body !== null) return body;
  throw mistake(REFUSALS.noObject.message);
}

/**
 * A request that says nothing that could be run.
 * @param spec whether a client that takes plain JSON gets 200.
 */
export const mistake = (message: string, spec = false): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { spec, status: 400 } } });

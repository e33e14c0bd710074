import { post } from './upstream.mjs';

const PATIENCE_MS = 5_000;

/** A function that inserts one row and is not waited for: a ledger that is down costs the row, never the call. */
export function openLedger(base, key) {
  const headers = Object.entries({
    apikey: key,
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    prefer: 'return=minimal',
  });

  const insert = async (row) => {
    const body = Buffer.from(JSON.stringify(row));
    const response = await post(base, '/rest/v1/tool_calls', headers, body, AbortSignal.timeout(PATIENCE_MS));
    response.resume();
    if (response.statusCode >= 300) throw new Error(`status ${response.statusCode}`);
  };

  return (row) => {
    insert(row).catch((error) => console.error(`ledger: row of ${row.trace_id} lost: ${error.message}`));
  };
}

const EPISODE_MS = 60_000;
const PATIENCE_MS = 5_000;
const LONGEST_NAME = 200;
const EMPTY = new Set(['exceeded_current_quota_error', 'insufficient_quota']);

/**
 * A function that tells a channel of a 429, once in an episode for each model and kind of error. It is not waited for:
 * a webhook that is down costs the alert, never the call.
 */
export function openAlerts(url) {
  const told = new Map();

  return (model, said) => {
    const kind = kindOf(said);
    const name = String(model ?? 'no model').slice(0, LONGEST_NAME);
    const now = Date.now();
    if (now - (told.get(`${kind} ${name}`) ?? -Infinity) < EPISODE_MS) return;
    told.set(`${kind} ${name}`, now);
    const content = EMPTY.has(kind)
      ? `The balance is used up: ${name} answers ${kind}. Recharge the account; waiting does not help.`
      : `Rate limit: ${name} answers ${kind}. It passes by itself.`;
    post(url, { content, allowed_mentions: { parse: [] } }).catch((error) => {
      console.error(`alert of ${kind} lost: ${error.cause?.code ?? error.message}`);
    });
  };
}

async function post(url, message) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(message),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`status ${response.status}`);
}

/** The kind of error in the body of a 429, in either dialect. */
function kindOf(said) {
  try {
    const { error } = JSON.parse(said);
    return String(error.type ?? error.code ?? 'an error').slice(0, LONGEST_NAME);
  } catch {
    return 'an error that is no JSON';
  }
}

/**
 * `body` (a valid JSON object) with the value of its `model` replaced, blanks around it included. Every other byte
 * stays: a round trip through JSON.parse would round long integers. Where `model` stands twice both are replaced, so
 * that every reader sees the same name.
 */
export function rename(body, model) {
  const text = body.toString();
  const parts = [];
  let kept = 0; // what stands before this is in `parts`
  let depth = 0;
  let key;
  let colon;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') {
      const start = at;
      at = closingQuote(text, at);
      if (depth === 1) key ??= JSON.parse(text.slice(start, at + 1));
    } else if (char === ':' && depth === 1) {
      colon = at;
    } else if ((char === ',' || char === '}') && depth === 1) {
      if (key === 'model') {
        parts.push(text.slice(kept, colon + 1), JSON.stringify(model));
        kept = at;
      }
      key = undefined;
    }
    if (char === '{' || char === '[') depth++;
    if (char === '}' || char === ']') depth--;
  }
  return Buffer.from(parts.join('') + text.slice(kept));
}

function closingQuote(text, opening) {
  let at = opening + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

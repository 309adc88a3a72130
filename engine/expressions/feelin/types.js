/* Put into feelin by build.js: `value instance of type` (DMN 10.3.2.3), and nothing else. */

function splitTypes(text) {
  const parts = [ '' ];
  let depth = 0;
  for (const sign of text) {
    depth += sign === '<' ? 1 : sign === '>' ? -1 : 0;
    if (sign === ',' && !depth) {
      parts.push('');
    } else {
      parts[parts.length - 1] += sign;
    }
  }
  return parts.map(part => part.trim()).filter(Boolean);
}

function durationKind(value) {
  return [ 'years', 'quarters', 'months' ].some(unit => unit in value.toObject())
    ? 'years and months duration'
    : 'days and time duration';
}

function instanceOf(value, type) {
  const [ , name, inner ] = /^([^<]*?)\s*(?:<(.*)>(?:->.*)?)?$/s.exec(type.replace(/\s+/g, ' ').trim()) ?? [];
  if (name === undefined) {
    return null;
  }
  if (name === 'Any') {
    return !isNil(value);
  }
  if (isNil(value)) {
    return name === 'Null';
  }
  const kind = getType(value);
  switch (name) {
  case 'list': return kind === 'list' && (!inner || value.every(each => isNil(each) || instanceOf(each, inner)));
  case 'range': return kind === 'range' && (!inner || instanceOf(value.start ?? value.end, inner));
  case 'context': return kind === 'context' && splitTypes(inner ?? '').every(part => {
    const [ key, wanted ] = part.split(/:(.*)/s);
    return has(value, key.trim()) && (isNil(value[key.trim()]) || instanceOf(value[key.trim()], wanted));
  });
  case 'function': return kind === 'function' || typeof value === 'function';
  case 'date and time': return kind === 'date time';
  case 'years and months duration':
  case 'days and time duration': return kind === 'duration' && durationKind(value) === name;
  default: return [ 'number', 'string', 'boolean', 'date', 'time' ].includes(name) ? kind === name : null;
  }
}

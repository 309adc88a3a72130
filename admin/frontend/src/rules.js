// Rules of a task in words, and made from choices: who does it, reminders, escalation, what happens when it is late. The texts
// are those of docs/designer/diagrams.md and deadlines.md. Pure: knows no screen; `t` translates, `names` gives titles.

/** The items of a comma list; null for FEEL, which only a formula can change. */
export const items = (text) => (text.trim().startsWith('=') ? null : text.split(',').map((one) => one.trim()).filter(Boolean));

const DURATION = /^P(?:(\d+)W)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/;
const PARTS = ['{n} weeks', '{n} months', '{n} days', '{n} hours', '{n} minutes'];
const WORKED = ['{n} weeks', '{n} months', '{n} working days', '{n} working hours', '{n} working minutes'];

/** `P1DT2H` -> "1 days 2 hours" in the reader's language; what is no such duration stays as it is. */
export function sayDuration(text, t, parts = PARTS) {
  const match = DURATION.exec(text);
  if (!match) return text;
  return parts.map((part, i) => (Number(match[i + 1]) ? t(part, { n: match[i + 1] }) : '')).filter(Boolean).join(' ');
}

const zero = (text) => /^P(T?0[A-Z])+$|^PT0S$/.test(text);

const PLACES = { up: '{role}, the unit above', up2: '{role}, two units above', '*': '{role}, anywhere' };
const WHO = {
  login: (name, t) => t('Person {name}', { name }),
  field: (name, t) => t('Who is chosen in {name}', { name }),
  skill: (name, t, names) => { const [skill, unit] = name.split('@'); return t('Who can {name}', { name: skill }) + (unit ? ` · ${names.title('units', unit)}` : ''); },
  chain: (name, t, names) => { const [role, n] = name.split('@'); return t('{role}, level by level', { role: names.title('roles', role) }) + (n ? ` · ${t('{n} levels at most', { n })}` : ''); },
  office: (name, t, names) => t('Office {name}', { name: names.title('units', name) }),
};
const ALONE = { initiator: 'Who started the case', superior: 'The superior', head: 'The head of the unit', 'head@up': 'The head of the unit above', skip: 'Pass the task', incident: 'Report an incident', continue: 'Go on as usual', '*': 'Anybody signed in', public: 'Residents' };

/** One assignment rule in words. */
export function sayRule(rule, names, t) {
  if (ALONE[rule]) return t(ALONE[rule]);
  const [kind, name] = rule.split(/:(.*)/s);
  if (name && WHO[kind]) return WHO[kind](name, t, names);
  const [role, place] = rule.split('@'), title = names.title('roles', role);
  if (!place) return title;
  return PLACES[place] ? t(PLACES[place], { role: title }) : `${title} · ${names.title('units', place)}`;
}

/** `-P1D`, `PT0S`, `P1D`, `R/PT4H`. */
export function sayReminder(step, names, t) {
  if (step.startsWith('R/')) return t('Then every {time}', { time: sayDuration(step.slice(2), t) });
  if (zero(step)) return t('When it is due');
  return step.startsWith('-') ? t('{time} before', { time: sayDuration(step.slice(1), t) }) : t('{time} late', { time: sayDuration(step, t) });
}

const sayWhen = (text, t) => {
  const [plus, time] = text.startsWith('+') ? [true, text.slice(1)] : [false, text];
  if (zero(time)) return t('When it is due');
  return t(plus ? '{time} after that' : '{time} late', { time: sayDuration(time, t) });
};

/** `PT0S secretary@up`, `+P1D head`. */
export function sayEscalation(step, names, t) {
  const [when, whom = ''] = step.split(/\s+(.*)/s);
  return t('{when}: {whom}', { when: sayWhen(when, t), whom: sayRule(whom, names, t) });
}

const ACTS = { agree: 'agrees', refuse: 'refuses', complete: 'is completed', transfer: 'goes to', return: 'goes back to' };
const BACK = { start: 'the start', previous: 'the step before' };

/** `PT0S agree`, `P1D transfer secretary@up`, `P2D return previous`. */
export function sayTimeout(step, names, t) {
  const [when, act = '', target = ''] = step.split(/\s+/);
  const whom = !target ? '' : act === 'return' ? t(BACK[target] || target) : sayRule(target, names, t);
  return t('{when}: {whom}', { when: sayWhen(when, t), whom: [t(ACTS[act] || act), whom].filter(Boolean).join(' ') });
}

const NATURAL = 'natural';
const VARIABLE = /^=\s*[\p{L}_][\p{L}\p{N}_.]*$/u;

/** A deadline with the calendar it is counted on ('': the unit's own): `P2D`, an instant, `=finish`, `=FEEL`. */
export function sayDue(text, calendar, names, t) {
  if (VARIABLE.test(text)) return t('The moment in {name}', { name: text.slice(1).trim() });
  if (text.startsWith('=')) return t('By the formula above');
  if (!DURATION.test(text)) return t('At {time}', { time: text });
  if (!calendar) return t('{time}, on the unit\'s calendar', { time: sayDuration(text, t) });
  if (calendar === NATURAL) return t('{time}, in plain time', { time: sayDuration(text, t) });
  return t('{time}, on {calendar}', { time: sayDuration(text, t, WORKED), calendar: names.title('calendars', calendar) });
}

// ---- from choices: {n, unit} -> ISO, a draft -> a rule; '' while something is missing

const ISO = { minutes: (n) => `PT${n}M`, hours: (n) => `PT${n}H`, days: (n) => `P${n}D`, weeks: (n) => `P${n}W`, months: (n) => `P${n}M` };
const duration = ({ n, unit }) => (Number(n) > 0 ? ISO[unit](Number(n)) : 'PT0S');

export function makeRule({ kind, role, place, unit, name, levels }) {
  if (kind === 'role') return role && (place === 'unit' ? unit && `${role}@${unit}` : role + (place ? `@${place}` : ''));
  if (kind === 'chain') return role && `chain:${role}${Number(levels) > 0 ? `@${levels}` : ''}`;
  if (['login', 'field', 'skill'].includes(kind)) return name && `${kind}:${name}`;
  if (kind === 'office') return unit && `office:${unit}`;
  return kind || '';
}

export function makeReminder({ when, n, unit }) {
  if (when === 'at') return 'PT0S';
  if (!(Number(n) > 0)) return '';
  return { before: '-', late: '', again: 'R/' }[when] + ISO[unit](Number(n));
}

export function makeEscalation(draft) {
  const whom = makeRule(draft);
  return whom && `${draft.order === 'then' ? '+' : ''}${duration({ n: draft.n, unit: draft.time })} ${whom}`;
}

export function makeTimeout(draft) {
  const target = draft.act === 'transfer' ? makeRule(draft) : draft.act === 'return' ? draft.back : '-';
  return target && `${duration({ n: draft.n, unit: draft.time })} ${draft.act}${target === '-' ? '' : ` ${target}`}`;
}

/** {dueDate, calendar}; `calendar` is undefined where the one there is stays. */
export function makeDue({ kind, n, unit, worked, calendar, name }) {
  if (kind === 'field') return name ? { dueDate: `=${name}` } : null;
  if (!(Number(n) > 0)) return null;
  return kind === NATURAL ? { dueDate: ISO[unit](Number(n)), calendar: NATURAL } : { dueDate: ISO[worked](Number(n)), calendar };
}

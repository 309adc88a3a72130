// A rule's note: DMN 1.3 keeps it in an annotation entry, dmn-js shows and edits only `description`. While the file is on the
// screen the one stands for the other; what is saved has the note where the file had it. Several notes a rule stay untouched.

const logic = (element) => element.decisionLogic || element.encapsulatedLogic?.body;
function* noted(definitions) {
  for (const element of definitions?.drgElement || []) {
    for (const rule of (logic(element)?.$type === 'dmn:DecisionTable' && logic(element).rule) || []) if (rule.annotationEntry?.length === 1) yield rule;
  }
}

/** After a file was read: its notes as dmn-js shows them. */
export function showNotes(definitions) {
  for (const rule of noted(definitions)) rule.description = rule.description || rule.annotationEntry[0].text || undefined;
}

/** Runs `save` with the notes back in their entries. */
export async function withNotes(definitions, save) {
  const held = [...noted(definitions)].map((rule) => [rule, rule.description]);
  for (const [rule, note] of held) { rule.annotationEntry[0].text = note || ''; rule.description = undefined; }
  try { return await save(); } finally { for (const [rule, note] of held) rule.description = note; }
}

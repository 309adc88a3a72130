// The few texts that the panel's and the menus' libraries write past their translation: the build lets them ask here
// (build.mjs), and the editor puts its translation in. A page that has none shows them as they are.
let translate = (text) => text;

export const say = (text, replacements) => translate(text, replacements);
export function sayWith(ours) { translate = ours; }

// Builds admin/static/dist from src/. For maintainers: `npm ci --ignore-scripts && npm run build` (IBM_TELEMETRY_DISABLED=true).
// Writes manifest.json: digests of every source and every built file, so that a test without Node can tell stale files.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, '..', 'static', 'dist');
mkdirSync(target, { recursive: true });
const dist = mkdtempSync(join(here, '..', 'static', '.dist-')); // a server that runs meanwhile keeps its files
const digest = (data) => createHash('sha256').update(data).digest('hex');

// form-js and dmn-js's boxed expressions have no translation hook for all they say: what makes their elements is ours (src/jsxsay.js).
const SAID = [[/^preact\/jsx-runtime$/, /@bpmn-io\/form-js-editor\//, 'formjsx.js'], [/^preact\/jsx-runtime$/, /@bpmn-io\/form-js-viewer\//, 'viewerjsx.js'],
  [/^inferno$/, /\/dmn-js-boxed-expression\//, 'infernosay.js'], [/^inferno$/, /\/dmn-js-decision-table\//, 'infernotitles.js']];
// Of libraries that translate, what they forgot: the text in their source, and what stands in its place.
const FORGOTTEN = [[/@bpmn-io\/properties-panel\/dist\/index\.esm\.js$/, 'function translateFallback(template, replacements) {', '$& return say(template, replacements);'],
  [/diagram-js\/lib\/features\/popup-menu\/PopupMenuComponent\.js$/, "title || 'Results'", "title || say('Results')"]];
const said = {
  name: 'said',
  setup(made) {
    for (const [what, whose, ours] of SAID) made.onResolve({ filter: what }, ({ importer }) => (whose.test(importer) ? { path: join(here, 'src', ours) } : undefined));
    // one preact for all of form-js and ours: its packages may each have brought their own
    made.onResolve({ filter: /^preact(\/|$)/ }, ({ path, importer, kind, pluginData }) => {
      if (pluginData === 'said' || !/form-js-(editor|viewer)\/|\/src\/(form|jsxsay|viewerjsx)/.test(importer)) return undefined;
      return made.resolve(path, { kind, resolveDir: join(here, 'node_modules', '@bpmn-io', 'form-js-editor'), pluginData: 'said' });
    });
    for (const [filter, text, ours] of FORGOTTEN) {
      made.onLoad({ filter }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        if (!source.includes(text)) throw new Error(`${path}: no ${text}`);
        return { contents: `import { say } from ${JSON.stringify(join(here, 'src', 'sayto.js'))};\n${source.replace(text, () => ours.replace('$&', text))}`, loader: 'js' };
      });
    }
    // the library of fields is a group of the palette of its own, the first
    made.onLoad({ filter: /@bpmn-io\/form-js-editor\/dist\/index\.es\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8'), groups = 'const PALETTE_GROUPS = [{';
      if (!source.includes(groups)) throw new Error(`${path}: no ${groups}`);
      return { contents: source.replace(groups, "const PALETTE_GROUPS = [{ label: 'Town', id: 'linli' }, {"), loader: 'js' };
    });
  },
};

const result = await build({
  absWorkingDir: here,
  plugins: [said],
  entryPoints: { shell: 'src/shell.js', forms: 'src/forms.js', studio: 'src/studio.js', source: 'src/source.js', formedit: 'src/formedit.js', decisionedit: 'src/decisionedit.js', viewer: 'src/viewer.js', differences: 'src/differences.js', designer: 'src/designer.js', starts: 'src/starts.js', pages: 'src/pages.js' },
  outdir: dist,
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2020'],
  charset: 'utf8',
  legalComments: 'none',
  metafile: true,
  loader: { '.woff': 'empty', '.woff2': 'dataurl', '.ttf': 'empty', '.eot': 'empty', '.svg': 'empty', '.png': 'dataurl' },
});

// ---- icons: one sprite of the names in src/icons.txt
const names = readFileSync(join(here, 'src', 'icons.txt'), 'utf8').split(/\s+/).filter(Boolean).sort();
const symbols = names.map((name) => {
  const svg = readFileSync(join(here, 'node_modules', '@tabler', 'icons', 'icons', 'outline', `${name}.svg`), 'utf8');
  const inner = svg.replace(/<!--[\s\S]*?-->/g, '').replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, '').replace(/\s*\n\s*/g, '').trim();
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`;
});
writeFileSync(join(dist, 'icons.svg'), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('\n')}</svg>\n`);

// ---- licences of everything that went in
const packages = new Set(['@tabler/icons']);
for (const input of Object.keys(result.metafile.inputs)) {
  const at = input.lastIndexOf('node_modules/');
  if (at < 0) continue;
  const parts = input.slice(at + 13).split('/');
  packages.add(parts[0].startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]);
}
const licences = [...packages].sort().map((name) => {
  const folder = join(here, 'node_modules', name);
  const info = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((f) => /^licen[cs]e/i.test(f));
  const text = file ? readFileSync(join(folder, file), 'utf8') : `(${info.license}; the package carries no licence file)`;
  return `${name} ${info.version} — ${typeof info.license === 'string' ? info.license : 'see below'}\n${'-'.repeat(72)}\n${text.trim()}\n`;
});
writeFileSync(join(dist, 'licences.txt'), licences.join('\n\n'));

// ---- the tests look at screens with axe-core, without Node
copyFileSync(join(here, 'node_modules', 'axe-core', 'axe.min.js'), join(here, '..', '..', 'tests', 'browser', 'axe.min.js'));

// ---- what was built from what
const sources = Object.fromEntries(
  ['build.mjs', 'package.json', 'package-lock.json', ...readdirSync(join(here, 'src')).map((f) => `src/${f}`)]
    .sort().map((f) => [f, digest(readFileSync(join(here, f)))]));
const files = Object.fromEntries(readdirSync(dist).filter((f) => f !== 'manifest.json').sort().map((f) => [f, digest(readFileSync(join(dist, f)))]));
writeFileSync(join(dist, 'manifest.json'), JSON.stringify({ sources, files, icons: names }, null, 1) + '\n');

// ---- put in place, file by file; the manifest last
const made = readdirSync(dist);
for (const name of made.filter((f) => f !== 'manifest.json').concat('manifest.json')) renameSync(join(dist, name), join(target, name));
for (const name of readdirSync(target).filter((f) => !made.includes(f))) rmSync(join(target, name));
rmSync(dist, { recursive: true });
console.log(Object.entries(result.metafile.outputs).map(([f, o]) => `${f} ${(o.bytes / 1024).toFixed(0)} KB`).join('\n'));

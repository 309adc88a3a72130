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

const result = await build({
  absWorkingDir: here,
  entryPoints: { shell: 'src/shell.js', forms: 'src/forms.js', studio: 'src/studio.js', viewer: 'src/viewer.js', pages: 'src/pages.js' },
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

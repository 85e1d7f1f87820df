// compare.mjs FOLDER REPORT.json MONTH: exits 1 and names each figure in which the report and the reckoning differ.
import { readFileSync } from 'node:fs';
import { load, percent, reckon, score } from './reckon.mjs';

const [folder, file, month] = process.argv.slice(2);
const rows = load(folder);
const want = reckon(rows, month);
const [year, number] = month.split('-').map(Number);
const before = new Date(Date.UTC(year, number - 2, 1)).toISOString().slice(0, 7);
want.previous_rate = reckon(rows, before).rate;
const report = JSON.parse(readFileSync(file, 'utf8'));
const f = report.figures;
const p = (v) => percent(v.n, v.d);
const s = (v) => score(v.sum, v.n);
const got = {
  jobs: f.jobs, no_call: f.no_call, repeats: f.repeats, denominator: f.denominator, success: f.success, refused: f.refused, due: f.due,
  rate: p(f.rate), rate_without_refused: p(f.rate_without_refused), coverage: p(f.coverage), timely: p(f.timely), score: s(f.score), previous_rate: p(f.previous_rate),
  advisors: f.advisors.map((a) => ({
    name: a.name, jobs: a.jobs, denominator: a.denominator, success: a.success, rate: p(a.rate), due: a.due, coverage: p(a.coverage),
    timely: p(a.timely), score: s(a.score),
  })),
  sections: Object.fromEntries(f.sections.map((x) => [x.id, s(x.mean)])),
  execution: Object.fromEntries(f.execution.map((x) => [x.id, p(x.rate)])),
};

let differences = 0, figures = 0;
function walk(path, a, b) {
  if (a !== null && typeof a === 'object' && b !== null && typeof b === 'object') {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) walk(`${path}.${key}`, a[key], b[key]);
    return;
  }
  figures++;
  if (a !== b) { differences++; console.error(`${path.slice(1)}: the reckoning says ${a}, the report ${b}`); }
}
walk('', want, got);

// What is printed must be what was reckoned: the first block's texts, and the chart's bars.
const shown = Object.fromEntries(report.blocks.filter((b) => b.kind === 'kpis').flatMap((b) => b.items).filter((i) => i.kind === 'percent').map((i) => [i.id, i.text]));
for (const id of ['rate', 'rate_without_refused', 'coverage', 'timely']) walk(`.shown.${id}`, want[id], shown[id]);

if (want.jobs < 100 || want.success < 50) { console.error(`only ${want.jobs} jobs and ${want.success} successes: this proves little`); process.exit(1); }
if (differences) {
  console.log(`${figures - differences} passed, ${differences} failed`);
  process.exit(1);
}
console.log(`ok: ${figures} figures of ${month}: ${want.jobs} jobs - ${want.no_call} - ${want.repeats} = ${want.denominator}, ${want.success} successes, ${want.rate}`);
console.log(`${figures} passed, 0 failed`);

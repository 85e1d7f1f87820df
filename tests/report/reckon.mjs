// The month reckoned from the exported rows alone, by other means than the report: no SQL, whole numbers, one pass in plain JavaScript.
// Definitions: domain C, L2, L12, L14, M3; plugins/report/README.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// CSV as `sqlite3 -csv -header` writes it: quoted fields may hold commas, quotes and line breaks.
export function csv(text) {
  const rows = [[]];
  let field = '', quoted = false, used = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') { field += '"'; i++; }
      else if (c === '"') quoted = false;
      else field += c;
    } else if (c === '"') { quoted = used = true; }
    else if (c === ',') { rows.at(-1).push(field); field = ''; used = true; }
    else if (c === '\n') { rows.at(-1).push(field.replace(/\r$/, '')); field = ''; used = false; rows.push([]); }
    else { field += c; used = true; }
  }
  if (used) rows.at(-1).push(field);
  const [head, ...body] = rows.filter((r) => r.length);
  return body.map((r) => Object.fromEntries(head.map((name, i) => [name, r[i]])));
}

const SUCCESS = new Set(['OK_SAT', 'OK_DIS_FAQ', 'OK_DIS_MINOR', 'OK_DIS_SERIOUS', 'COMPLAINT', 'PARTIAL']);
const REFUSED = new Set(['REFUSED', 'NEVER']);

export function percent(n, d) { // one decimal, half up, from whole numbers
  if (d === 0) return '—';
  const tenths = Math.floor((n * 2000 + d) / (2 * d));
  return `${Math.floor(tenths / 10)}.${tenths % 10} %`;
}

export function score(sum, n) {
  return n === 0 ? '—' : (Math.floor((sum / n) * 100 + 0.5 + 1e-9) / 100).toFixed(2);
}

export function reckon(rows, month) {
  const of = (list, key) => Map.groupBy ? Map.groupBy(list, (r) => r[key]) : list.reduce((m, r) => m.set(r[key], [...(m.get(r[key]) ?? []), r]), new Map());
  const tasks = of(rows.tasks, 'visit_id'), excluded = of(rows.exclusions, 'visit_id');
  const advisors = new Map();
  const advisor = (name) => {
    if (!advisors.has(name)) advisors.set(name, { jobs: 0, denominator: 0, success: 0, due: 0, covered: 0, timely: 0, points: 0, scored: 0 });
    return advisors.get(name);
  };
  const f = { jobs: 0, no_call: 0, repeats: 0, success: 0, refused: 0, due: 0, covered: 0, covered_refused: 0, timely: 0, points: 0, scored: 0 };
  const advisorOf = new Map(), sheets = new Set();
  for (const v of rows.visits) {
    advisorOf.set(v.id, v.advisor || '—');
    if (v.settled_on.slice(0, 7) !== month || !v.picked_up_on) continue;
    const mine = tasks.get(v.id) ?? [], a = advisor(v.advisor || '—');
    const done = mine.filter((t) => t.state === 'done');
    const ok = done.filter((t) => SUCCESS.has(t.result));
    f.jobs++; a.jobs++; a.denominator++;
    for (const t of ok) if (t.sheet_id) sheets.add(t.sheet_id);
    if (ok.length) { f.success++; a.success++; continue; }
    const why = new Set((excluded.get(v.id) ?? []).map((x) => x.kind));
    if (why.has('no_call')) { f.no_call++; a.denominator--; }
    else if (why.has('repeat')) { f.repeats++; a.denominator--; }
    else if (done.some((t) => REFUSED.has(t.result))) f.refused++;
  }
  for (const t of rows.tasks) {
    if (t.due_on.slice(0, 7) !== month) continue;
    const a = advisor(advisorOf.get(t.visit_id));
    const ok = t.state === 'done' && SUCCESS.has(t.result);
    f.due++; a.due++;
    if (ok) { f.covered++; a.covered++; }
    if (t.state === 'done' && REFUSED.has(t.result)) f.covered_refused++;
    if (t.first_attempt_on && t.first_attempt_on <= t.due_on) { f.timely++; a.timely++; }
  }
  const visitOf = new Map(rows.tasks.map((t) => [t.sheet_id, t.visit_id]));
  for (const s of rows.sheets) {
    if (!sheets.has(s.id) || !s.closed_at || s.score === '') continue;
    const a = advisor(advisorOf.get(visitOf.get(s.id)));
    f.points += Number(s.score); f.scored++; a.points += Number(s.score); a.scored++;
  }
  const sections = {}, execution = {};
  for (const p of rows.sections) {
    if (!sheets.has(p.sheet_id) || p.mean === '') continue;
    const s = (sections[p.section] ??= { sum: 0, n: 0 });
    s.sum += Number(p.mean); s.n++;
  }
  for (const x of rows.answers) {
    if (!sheets.has(x.sheet_id) || x.kind !== 'yesno') continue;
    const e = (execution[x.item] ??= { yes: 0, no: 0, unsure: 0 });
    if (x.word in e) e[x.word]++;
  }
  const denominator = f.jobs - f.no_call - f.repeats;
  return {
    jobs: f.jobs, no_call: f.no_call, repeats: f.repeats, denominator, success: f.success, refused: f.refused, due: f.due,
    rate: percent(f.success, denominator), rate_without_refused: percent(f.success, denominator - f.refused),
    coverage: percent(f.covered, f.due), timely: percent(f.timely, f.due), score: score(f.points, f.scored),
    advisors: [...advisors].map(([name, a]) => ({
      name, jobs: a.jobs, denominator: a.denominator, success: a.success, rate: percent(a.success, a.denominator), due: a.due,
      coverage: percent(a.covered, a.due), timely: percent(a.timely, a.due), score: score(a.points, a.scored),
    })).sort((a, b) => b.jobs - a.jobs || (a.name < b.name ? -1 : 1)),
    sections: Object.fromEntries(Object.entries(sections).map(([id, s]) => [id, score(s.sum, s.n)])),
    execution: Object.fromEntries(Object.entries(execution).map(([id, e]) => [id, percent(e.yes, e.yes + e.no)])),
  };
}

export function load(folder) {
  const read = (name) => csv(readFileSync(join(folder, `${name}.csv`), 'utf8'));
  return {
    visits: read('visits'), tasks: read('tasks'), exclusions: read('exclusions'), sheets: read('sheets'), sections: read('sections'),
    answers: read('answers'),
  };
}

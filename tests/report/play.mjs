// A month of calls by a fixed seed: reads the tasks of a dealership's store (as JSON on standard input) and prints the SQL that plays them.
// No product code takes part, so what the report says about the month can be checked against it.
import { readFileSync } from 'node:fs';

const { tasks, definition, month } = JSON.parse(readFileSync(0, 'utf8'));

let state = 20261121n;
function draw(n) { // 0 .. n-1
  state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
  return Number((state >> 33n) % BigInt(n));
}

// What came of the call, of 100.
const OUTCOMES = [
  [66, 'done', 'OK_SAT'], [6, 'done', 'OK_DIS_FAQ'], [5, 'done', 'OK_DIS_MINOR'], [3, 'done', 'OK_DIS_SERIOUS'], [1, 'done', 'COMPLAINT'],
  [3, 'done', 'PARTIAL'], [5, 'done', 'REFUSED'], [1, 'done', 'NEVER'], [3, 'done', 'UNREACHABLE'], [3, 'contact_fix', null],
  [2, 'promised', null], [2, 'open', null],
];
function outcome() {
  let n = draw(100);
  for (const [share, s, result] of OUTCOMES) {
    if (n < share) return [s, result];
    n -= share;
  }
  throw new Error('the shares do not add up');
}

const text = (s) => (s === null || s === undefined ? 'NULL' : `'${String(s).replaceAll("'", "''")}'`);
const day = (s, n) => new Date(Date.parse(`${s}T00:00:00Z`) + n * 86400000).toISOString().slice(0, 10);
const ms = (s, hour) => Date.parse(`${s}T${String(hour).padStart(2, '0')}:00:00+08:00`);

const SECTIONS = [['station', 15], ['process', 30], ['quality', 30], ['charges', 15], ['time', 10]];
const ITEMS = ['old_parts_shown', 'cost_told', 'washed'];
const out = ['BEGIN;'];

function sheet(task, id, on, result) {
  const at = ms(on, 10);
  let sum = 0, weights = 0;
  const rows = [];
  for (const [section, weight] of SECTIONS) {
    const rated = draw(20) === 0 ? 0 : 1 + draw(4);
    let points = 0;
    for (let i = 0; i < rated; i++) points += result === 'OK_SAT' ? 7 + draw(4) : 1 + draw(8);
    const mean = rated ? points / rated : null;
    if (rated) { sum += weight * mean; weights += weight; }
    rows.push(`INSERT INTO survey_section_score (sheet_id, section, weight, mean, rated) VALUES (${id}, '${section}', ${weight}, ${mean === null ? 'NULL' : mean}, ${rated});`);
  }
  const score = weights ? sum / weights : 'NULL';
  const unhappy = result.startsWith('OK_DIS') || result === 'COMPLAINT' ? 1 : 0;
  out.push(`INSERT INTO survey_sheet (id, questionnaire, version, definition_hash, subject_kind, subject_id, asked_by, started_at, closed_at, score, unhappy, serious)
    VALUES (${id}, ${text(definition.id)}, ${text(definition.version)}, ${text(definition.hash)}, 'visit', ${task.visit_id}, 'li', ${at}, ${at + 240000}, ${score}, ${unhappy}, 0);`);
  out.push(...rows);
  for (const item of ITEMS) {
    const n = draw(20);
    if (n === 19) continue;
    out.push(`INSERT INTO survey_answer (sheet_id, item, kind, word, answered_at, answered_by) VALUES (${id}, '${item}', 'yesno', '${n < 14 ? 'yes' : n < 17 ? 'no' : 'unsure'}', ${at}, 'li');`);
  }
}

let next = 1000;
for (const task of tasks) {
  if (task.settled_on.slice(0, 7) > month) continue;
  const [s, result] = outcome();
  if (s === 'open') continue;
  const late = draw(10) === 0 ? 1 + draw(5) : -draw(2);
  const on = day(task.due_on, late);
  const id = next++;
  const answered = result && !['REFUSED', 'NEVER', 'UNREACHABLE'].includes(result);
  if (answered) sheet(task, id, on, result);
  out.push(`UPDATE call_task SET state = '${s}', result = ${text(result)}, attempts = 1, first_attempt_on = '${on}', first_attempt_at = ${ms(on, 10)},
    promised_at = ${s === 'promised' ? ms(day(on, 2), 15) : 'NULL'}, sheet_id = ${answered ? id : 'NULL'}, closed_at = ${s === 'done' ? ms(on, 10) : 'NULL'} WHERE id = ${task.id};`);
}
out.push('COMMIT;');
process.stdout.write(out.join('\n') + '\n');

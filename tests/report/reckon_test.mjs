// The reckoning itself, on cases small enough for a pencil. node --test tests/report/reckon_test.mjs
import assert from 'node:assert/strict';
import test from 'node:test';
import { csv, percent, reckon, score } from './reckon.mjs';

test('percents are rounded half up and an empty denominator is a dash', () => {
  assert.equal(percent(7, 9), '77.8 %');
  assert.equal(percent(1, 16), '6.3 %');
  assert.equal(percent(1, 2000), '0.1 %');
  assert.equal(percent(0, 0), '—');
  assert.equal(score(25.71, 3), '8.57');
  assert.equal(score(0, 0), '—');
});

test('csv keeps commas, quotes and line breaks of quoted fields', () => {
  assert.deepEqual(csv('a,b\r\n"x,1","y ""z""\nw"\r\n,\r\n'), [{ a: 'x,1', b: 'y "z"\nw' }, { a: '', b: '' }]);
});

// Domain M3: ten tasks' worth of jobs, two repeats; one excluded.
test('M3: 12 jobs - 1 - 2 = 9, seven successes: 77.8 %, and 7/8 without the refusal', () => {
  const results = ['OK_SAT', 'OK_SAT', 'OK_SAT', 'OK_SAT', 'OK_SAT', 'OK_SAT', 'OK_DIS_MINOR', 'REFUSED', null];
  const visits = Array.from({ length: 12 }, (_, i) => ({ id: `${i}`, advisor: 'A', settled_on: '2026-11-10', picked_up_on: '2026-11-10' }));
  visits.push({ id: '99', advisor: 'A', settled_on: '2026-11-10', picked_up_on: '' });
  const tasks = results.map((result, i) => ({
    visit_id: `${i}`, due_on: '2026-11-13', state: result ? 'done' : 'contact_fix', result: result ?? '', first_attempt_on: '2026-11-13', sheet_id: '',
  }));
  const exclusions = [{ visit_id: '9', kind: 'no_call' }, { visit_id: '10', kind: 'repeat' }, { visit_id: '11', kind: 'repeat' }];
  const got = reckon({ visits, tasks, exclusions, sheets: [], sections: [], answers: [] }, '2026-11');
  assert.equal(got.denominator, 9);
  assert.equal(got.rate, '77.8 %');
  assert.equal(got.rate_without_refused, '87.5 %');
  assert.equal(got.coverage, '77.8 %');
});

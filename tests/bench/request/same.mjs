// node same.mjs PEER OURS: asks both for each of the 1,000 rows and for one that does not exist. Exit 1 at the first difference.
import assert from "node:assert";
const [peer, ours] = process.argv.slice(2);

async function ask(base, id) {
  const answer = await fetch(base + id, { headers: { accept: "*/*" } });
  if (answer.status !== 200) return { status: answer.status };
  return { status: 200, type: answer.headers.get("content-type"), row: await answer.json() };
}

for (let id = 1; id <= 1001; id++) {
  const [a, b] = await Promise.all([ask(peer, id), ask(ours, id)]);
  assert.deepStrictEqual(b, a, `row ${id}`);
  assert.strictEqual(a.status, id <= 1000 ? 200 : 404, `row ${id}: status`);
  if (id <= 1000) assert.strictEqual(a.row.id, id);
}
console.log("same work: 1,000 rows are equal, a missing one is 404 from both");

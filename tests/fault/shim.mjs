// Orders to the library that is preloaded into the host (shim.c): which call is the one, and what becomes of it.
import { closeSync, openSync, readSync, writeFileSync, writeSync } from "node:fs";
import { join, scratch, source, spawnSync } from "./lib.mjs";

export const kinds = { writes: 1, syncs: 2, truncates: 4, reads: 8 };
export const changes = kinds.writes | kinds.syncs | kinds.truncates;
const whats = { nothing: 0, kill: 1, fail: 2, short: 3, torn: 4, slow: 5 };
const errnos = { "": 0, EIO: 5, ENOSPC: 28 };
const WORDS = 7;

let built;

// Why it cannot be had, or nothing.
export function missing() {
  if (built !== undefined) return built.why;
  const to = join(scratch("shim"), "shim.so");
  const made = spawnSync("cc", ["-shared", "-fPIC", "-O1", "-D_FORTIFY_SOURCE=0", "-o", to, join(source, "tests/fault/shim.c"), "-ldl"], { encoding: "utf8" });
  if (made.error) built = { why: "there is no cc" };
  else if (process.env.ASAN_OPTIONS) built = { why: "a sanitizer's own library must come first" };
  else if (made.status) throw new Error("shim.c: " + made.stderr);
  else built = { path: to };
  return built.why;
}

export class Shim {
  // `files`: a pattern of fnmatch(3) on the whole path.
  constructor(files) {
    missing();
    this.path = join(scratch("orders"), "state");
    writeFileSync(this.path, Buffer.alloc(WORDS * 8));
    this.fd = openSync(this.path, "r+");
    this.env = { LD_PRELOAD: built.path, FAULT_STATE: this.path, FAULT_PATH: files };
  }
  // { kinds, at, times, what, error }; counting begins anew. With "slow", `error` is how many microseconds each call takes longer.
  order({ kinds: which = changes, at = 0, times = 1, what = "nothing", error = "EIO" }) {
    const words = Buffer.alloc(WORDS * 8);
    [which, at, times, whats[what], errnos[error] ?? error, 0, 0].forEach((v, i) => words.writeBigInt64LE(BigInt(v), i * 8));
    writeSync(this.fd, words, 0, words.length, 0);
  }
  off() {
    this.order({ kinds: 0 });
  }
  #word(i) {
    const word = Buffer.alloc(8);
    readSync(this.fd, word, 0, 8, i * 8);
    return Number(word.readBigInt64LE());
  }
  get count() {
    return this.#word(5);
  }
  get hit() {
    return this.#word(6);
  }
  close() {
    closeSync(this.fd);
  }
}

// All of 1..n, or `most` of them spread evenly, the first and the last among them.
export function some(n, most) {
  if (n <= most) return Array.from({ length: n }, (_, i) => i + 1);
  return Array.from({ length: most }, (_, i) => 1 + Math.round((i * (n - 1)) / (most - 1)));
}

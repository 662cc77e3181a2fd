import { afterAll, beforeAll, expect, it } from "vitest";
import { storeConformance } from "../../src/store/conformance.js";
import { openMemoryStore } from "../../src/store/index.js";
import { describeWith } from "../setup/requirements.js";
import { compileExamples, type Programs } from "./packed_examples.js";
import { type PostgresServer, startPostgres } from "./postgres_server.js";

/** As its author would run it, with the suite of the installed package: one line for each check. */
const SUITE = `
import { createRequire } from "node:module";
import { storeConformance } from "pushmux/testing";
import { openPostgresStore } from "./postgres_store/index.ts";

const pg = createRequire(import.meta.url)("pg");
const pool = new pg.Pool(JSON.parse(process.env.PG_TEST ?? "{}"));
let schemas = 0;
const checks = storeConformance(async (options) => {
  // Each has tables of its own: a pool whose connections look into a new schema.
  const schema = "store_" + ++schemas;
  await pool.query("CREATE SCHEMA " + schema);
  const own = {
    connect: async () => {
      const connection = await pool.connect();
      await connection.query("SET search_path TO " + schema);
      return connection;
    },
  };
  return openPostgresStore(own, options);
});
for (const { title, run } of checks) {
  const error: unknown = await run().then(() => null, (error: unknown) => error);
  console.log(JSON.stringify({ title, error: error instanceof Error ? error.stack : error }));
}
await pool.end();
`;

const titles = storeConformance(async (options) => openMemoryStore(options)).map(({ title }) => title);

describeWith("initdb", "a store in PostgreSQL, written by somebody else", (initdb) => {
  let programs: Programs;
  let server: PostgresServer;
  const outcomes = new Map<string, unknown>();

  beforeAll(async () => {
    programs = await compileExamples("postgres_store", { "suite.ts": SUITE });
    server = await startPostgres(initdb);
    const { code, stdout, stderr } = await programs.run("suite.js", {
      PG_TEST: JSON.stringify(server.connection),
    });
    for (const line of stdout.trim().split("\n")) {
      const { title, error }: { title: string; error: unknown } = JSON.parse(line);
      outcomes.set(title, error);
    }
    expect([code, stderr]).toEqual([0, ""]);
  });
  afterAll(() => server?.close());

  it("compiles in a strict project of a user", () => {
    expect(programs.errors).toEqual([]);
  });

  it.each(titles)("%s", (title) => {
    expect(outcomes.get(title)).toBeNull();
  });

  it("was held to every promise", () => {
    expect([...outcomes.keys()]).toEqual(titles);
  });
});

/** What is used of `pg.Pool`. */
export interface Pool {
  connect(): Promise<Connection>;
}

interface Connection {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }>;
  release(is_broken?: boolean): void;
}

/** Runs one statement: how many rows it changed, and the column `row` of those that it gives back. */
export type Query = <Row>(text: string, values?: unknown[]) => Promise<{ count: number; rows: Row[] }>;

/** All of it or none of it. */
export async function transaction<Result>(
  pool: Pool,
  run: (query: Query) => Promise<Result>,
): Promise<Result> {
  const connection = await pool.connect();
  let is_broken = false;
  try {
    await connection.query("BEGIN");
    const result = await run(async <Row>(text: string, values?: unknown[]) => {
      const { rows, rowCount } = await connection.query(text, values);
      return { count: rowCount ?? 0, rows: rows.map((row) => (row as { row: Row }).row) };
    });
    await connection.query("COMMIT");
    return result;
  } catch (error) {
    await connection.query("ROLLBACK").catch(() => {
      is_broken = true;
    });
    throw error;
  } finally {
    connection.release(is_broken);
  }
}

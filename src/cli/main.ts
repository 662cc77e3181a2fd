#!/usr/bin/env node
import type { Io } from "./io.js";
import { run } from "./run.js";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

const io: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  onInterrupt(listener) {
    for (const signal of SIGNALS) process.on(signal, listener);
    return () => {
      for (const signal of SIGNALS) process.off(signal, listener);
    };
  },
};

// A reader that goes away is an error of the write that noticed it, and told there.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

process.exitCode = await run(process.argv.slice(2), io);

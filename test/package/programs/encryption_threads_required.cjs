import("./encryption_threads.mjs").then(({ encryptInThreads }) => encryptInThreads((door) => require(door)));

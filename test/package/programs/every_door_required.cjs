import("./every_door.mjs").then(({ useEveryDoor }) => useEveryDoor((door) => require(door)));

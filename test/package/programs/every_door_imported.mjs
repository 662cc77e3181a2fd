import { useEveryDoor } from "./every_door.mjs";

await useEveryDoor((door) => import(door));

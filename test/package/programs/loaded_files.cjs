// What each step has loaded so far, as seen by the cache of require.
const front = require("pushmux");

report("front door");
main();

async function main() {
  const simulation = await front.getPushProvider("simulation");
  report("simulation");
  await simulation.close();
  const { startWebPushService } = require("pushmux/testing");
  const service = await startWebPushService();
  const provider = await front.getPushProvider("web_push", service.config);
  await provider.sendNotification((await service.createDevice()).device_token, { title: "Hello" });
  report("everything");
  await provider.close();
  await service.close();
}

function report(step) {
  console.log(JSON.stringify({ step, files: Object.keys(require.cache) }));
}

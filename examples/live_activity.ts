// A Live Activity on an iPhone: started by push, updated, ended. Then the same for everybody at once, over a channel.
// APNs is local here, so it runs offline; with a real config only the first lines change.
import { getPushProvider } from "pushmux";
import { startApnsService } from "pushmux/testing";

const service = await startApnsService();
const provider = await getPushProvider("apns", service.config);
// The push-to-start token, and later the activity's own update token, come from ActivityKit in the app.
const phone = service.createDevice({ push_type: "liveactivity" });

const start = await provider.sendNotification(phone.device_token, {
  title: "Kick-off",
  body: "Reds against Blues",
  platform_data: {
    apns: {
      live_activity: {
        event: "start",
        attributes_type: "MatchAttributes",
        attributes: { home: "Reds", away: "Blues" },
        content_state: { home: 0, away: 0 },
      },
    },
  },
});
console.log(`start: ${start.success ? "accepted" : start.error_code}`);

const update = await provider.sendNotification(phone.device_token, {
  priority: "low", // does not count against the budget of immediate updates
  platform_data: { apns: { live_activity: { event: "update", content_state: { home: 1, away: 0 } } } },
});
console.log(`update: ${update.success ? "accepted" : update.error_code}`);

const end = await provider.sendNotification(phone.device_token, {
  platform_data: {
    apns: {
      live_activity: {
        event: "end",
        content_state: { home: 1, away: 0 },
        dismissal_date: Math.floor(Date.now() / 1000) + 600, // stays for ten minutes
      },
    },
  },
});
console.log(`end: ${end.success ? "accepted" : end.error_code}`);

// One request for everybody who follows the match (iOS 18): Apple does the fan-out.
const channel = await provider.createChannel({ message_storage_policy: 1 });
if (!channel.success) throw new Error(channel.message);
const goal = await provider.sendTopicNotification(channel.channel_id, {
  platform_data: { apns: { live_activity: { event: "update", content_state: { home: 2, away: 0 } } } },
});
console.log(`broadcast: ${goal.success ? "accepted" : goal.error_code}`);
const deleted = await provider.deleteChannel(channel.channel_id);
console.log(`channel deleted: ${deleted.success}`);

if (![start, update, end, goal, deleted].every(({ success }) => success)) process.exitCode = 1;
await provider.close();
await service.close();

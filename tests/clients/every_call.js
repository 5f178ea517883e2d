// SPDX-License-Identifier: Apache-2.0
// Every microvisor call that the twilio library has, on a cloud with two apps and a device; prints what came back.
// usage: every_call.js NODE_MODULES OLD_APP_NAME DEVICE_SID   (TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, HTTP_PROXY)
'use strict';

const [modules, appName, deviceSid] = process.argv.slice(2);
const twilio = require(`${modules}/twilio`);

const client = twilio(process.env.TWILIO_ACCOUNT_SID, process.env.TWILIO_AUTH_TOKEN);
const mv = client.microvisor.v1;
const seen = {};

async function refused(call) {
  try {
    await call();
  } catch (e) {
    return { status: e.status, code: e.code, message: e.message, moreInfo: e.moreInfo };
  }
  return null;
}

async function apps() {
  seen.apps = await mv.apps.list();
  seen.limited = await mv.apps.list({ limit: 1 });
  seen.each = [];
  await new Promise((done) => mv.apps.each({ pageSize: 1, callback: (app) => seen.each.push(app.sid), done }));
  const first = await mv.apps.page({ pageSize: 1 });
  const second = await first.nextPage();
  const back = await second.previousPage();
  seen.pages = [first, second, back].map((page) => page.instances.map((app) => app.sid));
  seen.pageByUrl = (await mv.apps.getPage(first.nextPageUrl)).instances.map((app) => app.sid);
  seen.appBySid = await mv.apps(seen.apps[0].sid).fetch();
  seen.appByName = await mv.apps(appName).fetch();
  seen.manifest = await mv.apps(appName).appManifests().fetch();
  seen.unknownApp = await refused(() => mv.apps(`KA${'0'.repeat(32)}`).fetch());
}

async function devices() {
  seen.devices = await mv.devices.list();
  seen.device = await mv.devices(deviceSid).fetch();
  seen.renamed = await mv.devices(deviceSid).update({ uniqueName: 'This is my device; there are many like it.' });
  seen.byName = await mv.devices('This is my device; there are many like it.').fetch();
  seen.targeted = await mv.devices(deviceSid).update({ targetApp: appName });
  seen.logging = await mv.devices(deviceSid).update({ loggingEnabled: true });
  seen.noLogging = await mv.devices(deviceSid).update({ loggingEnabled: false });
  seen.restarted = await mv.devices(deviceSid).update({ restartApp: true });
  seen.wrongTarget = await refused(() => mv.devices(deviceSid).update({ targetApp: 'nobody' }));
}

// All four kinds of items have the same five calls: `many` is the list, `one(key)` the item.
async function items(many, one) {
  const found = {};
  found.created = await many().create({ key: 'a key/with a slash', value: 'first' });
  found.twice = await refused(() => many().create({ key: 'a key/with a slash', value: 'again' }));
  await many().create({ key: 'other', value: 'x'.repeat(4096) });
  found.list = await many().list();
  found.fetched = await one('other').fetch();
  found.updated = await one('other').update({ value: 'second' });
  found.fetchedAgain = await one('other').fetch();
  found.removed = await one('other').remove();
  found.gone = await refused(() => one('other').fetch());
  found.tooLong = await refused(() => many().create({ key: 'k', value: 'x'.repeat(4097) }));
  return found;
}

async function main() {
  await apps();
  await devices();
  const device = mv.devices(deviceSid);
  seen.accountConfigs = await items(() => mv.accountConfigs, (key) => mv.accountConfigs(key));
  seen.accountSecrets = await items(() => mv.accountSecrets, (key) => mv.accountSecrets(key));
  seen.deviceConfigs = await items(() => device.deviceConfigs, (key) => device.deviceConfigs(key));
  seen.deviceSecrets = await items(() => device.deviceSecrets, (key) => device.deviceSecrets(key));
  seen.removeDeployed = await refused(() => mv.apps(appName).remove());
  seen.removed = await mv.apps(seen.apps.find((app) => app.uniqueName !== appName).sid).remove();
  seen.wrongToken = await refused(() => twilio(process.env.TWILIO_ACCOUNT_SID, 'f'.repeat(32)).microvisor.v1.apps.list());
  console.log(JSON.stringify(seen));
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});

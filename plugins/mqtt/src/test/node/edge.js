// An edge node of another code base: births, data with aliases left to the library, a device, a death.
// Usage: node edge.js PORT; reads commands from standard input, one a line.
'use strict';
const sparkplug = require('sparkplug-client');
const client = sparkplug.newClient({
  serverUrl: 'mqtt://127.0.0.1:' + process.argv[2],
  username: '',
  password: '',
  groupId: 'g',
  edgeNode: 'foreign',
  clientId: 'foreign-node',
  version: 'spBv1.0',
});
let value = 1.5;
const metrics = () => [
  { name: 'temp', value: value, type: 'Double' },
  { name: 'count', value: -7, type: 'Int32' },
  { name: 'on', value: true, type: 'Boolean' },
  { name: 'name', value: 'pump', type: 'String' },
];
function birth() {
  client.publishNodeBirth({ timestamp: Date.now(), metrics: metrics() });
  client.publishDeviceBirth('d1', { timestamp: Date.now(), metrics: [{ name: 'flow', value: 2.5, type: 'Float' }] });
  console.log('born');
}
client.on('birth', birth);
client.on('ncmd', (payload) => {
  if ((payload.metrics || []).some((m) => m.name === 'Node Control/Rebirth' && m.value)) {
    console.log('rebirth');
    birth();
  }
});
client.on('error', (e) => console.log('error ' + e));
let rest = '';
process.stdin.on('data', (chunk) => {
  rest += chunk;
  const lines = rest.split('\n');
  rest = lines.pop();
  for (const line of lines) {
    const [verb, arg] = line.split(' ');
    if (verb === 'data') {
      value = Number(arg);
      client.publishNodeData({ timestamp: Date.now(), metrics: [{ name: 'temp', value: value, type: 'Double' }] });
    } else if (verb === 'old') {
      client.publishNodeData({ timestamp: 1767225600000, metrics: [{ name: 'temp', value: Number(arg), type: 'Double', timestamp: 1767225600000, isHistorical: true }] });
    } else if (verb === 'null') {
      client.publishNodeData({ timestamp: Date.now(), metrics: [{ name: 'temp', value: null, type: 'Double' }] });
    } else if (verb === 'device') {
      client.publishDeviceData('d1', { timestamp: Date.now(), metrics: [{ name: 'flow', value: Number(arg), type: 'Float' }] });
    } else if (verb === 'ddeath') {
      client.publishDeviceDeath('d1', { timestamp: Date.now() });
    } else if (verb === 'stop') {
      client.stop();
    } else if (verb === 'die') {
      process.exit(1);
    }
  }
});

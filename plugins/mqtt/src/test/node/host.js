// A host of another code base: prints what edge nodes say, says STATE and asks for births.
// Usage: node host.js PORT; reads commands from standard input, one a line.
'use strict';
const mqtt = require('mqtt');
const payloads = require('sparkplug-payload').get('spBv1.0');
const client = mqtt.connect('mqtt://127.0.0.1:' + process.argv[2], { clientId: 'foreign-host' });
const plain = (key, value) => (value && value.low !== undefined ? value.toNumber() : value);
client.on('connect', () => client.subscribe('spBv1.0/#', { qos: 1 }, () => console.log('ready')));
client.on('message', (topic, message) => {
  if (topic.includes('/STATE/')) {
    console.log(topic + ' ' + message.toString());
    return;
  }
  const payload = payloads.decodePayload(message);
  const metrics = (payload.metrics || []).map(
    (m) =>
      (m.name || '#' + plain('', m.alias)) + '=' + plain('', m.value) +
      (m.isHistorical ? ' historical' : '') +
      (m.properties && m.properties.Quality ? ' q' + m.properties.Quality.value : ''));
  console.log(topic + ' seq=' + plain('', payload.seq) + ' ' + metrics.join(', '));
});
let rest = '';
process.stdin.on('data', (chunk) => {
  rest += chunk;
  const lines = rest.split('\n');
  rest = lines.pop();
  for (const line of lines) {
    const [verb, a, b] = line.split(' ');
    if (verb === 'state') {
      const state = JSON.stringify({ online: b === 'true', timestamp: Date.now() });
      client.publish('spBv1.0/STATE/' + a, state, { qos: 1, retain: true });
    } else if (verb === 'rebirth') {
      const metrics = [{ name: 'Node Control/Rebirth', value: true, type: 'Boolean' }];
      client.publish('spBv1.0/' + a + '/NCMD/' + b, payloads.encodePayload({ timestamp: Date.now(), metrics }));
    }
  }
});

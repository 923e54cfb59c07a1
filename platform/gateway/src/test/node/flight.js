// A client of another code base: grpc-js by Flight's own file, batches by Arrow for JavaScript.
// node flight.js ADDRESS TOKEN PROTO
const assert = require('node:assert');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const arrow = require('apache-arrow');

const [address, token, proto] = process.argv.slice(2);
const { arrow: { flight } } = grpc.loadPackageDefinition(
  loader.loadSync(proto, { keepCase: true, longs: String, defaults: true })
);
const client = new flight.protocol.FlightService(address, grpc.credentials.createInsecure());
const metadata = new grpc.Metadata();
metadata.set('authorization', 'Bearer ' + token);
const path = (...parts) => ({ type: 1, path: parts });

/** The messages of a stream in the IPC format: [head, body]. */
function messages(bytes) {
  const found = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    let size = view.getInt32(at, true);
    at += 4;
    if (size === -1) {
      size = view.getInt32(at, true);
      at += 4;
    }
    if (size === 0) break;
    const head = bytes.subarray(at, at + size);
    at += size;
    const length = Number(arrow.Message.decode(head.slice()).bodyLength);
    found.push([head, bytes.subarray(at, at + length)]);
    at += length;
  }
  return found;
}

/** A stream in the IPC format of what has come. */
function table(answers) {
  const parts = [];
  for (const answer of answers) {
    const head = answer.data_header;
    const size = (head.length + 7) & ~7;
    const frame = Buffer.alloc(8 + size);
    frame.writeInt32LE(-1, 0);
    frame.writeInt32LE(size, 4);
    head.copy(frame, 8);
    parts.push(frame, answer.data_body);
  }
  return arrow.tableFromIPC(Buffer.concat(parts));
}

function stream(call, sent) {
  return new Promise((resolve, reject) => {
    const got = [];
    call.on('data', (one) => got.push(one));
    call.on('error', reject);
    call.on('end', () => resolve(got));
    for (const one of sent) call.write(one);
    if (sent.length) call.end();
  });
}

function sending(descriptor, bytes, key) {
  return messages(bytes).map(([head, body], i) => ({
    flight_descriptor: i === 0 ? descriptor : null,
    data_header: head,
    data_body: body,
    app_metadata: i > 0 && key !== undefined ? Buffer.from(JSON.stringify({ key: key + i })) : '',
  }));
}

async function main() {
  // inference
  const list = arrow.vectorFromArray(
    [[1, 2, 3], [4, 5, 6]],
    new arrow.FixedSizeList(3, new arrow.Field('item', new arrow.Float32(), false))
  );
  const sent = arrow.tableToIPC(new arrow.Table({ x: list }), 'stream');
  const answers = await stream(
    client.DoExchange(metadata),
    sending(path('models', 'echo-float32'), sent)
  );
  const said = answers.filter((one) => one.app_metadata.length);
  assert.strictEqual(JSON.parse(said[0].app_metadata).rows, 2);
  const y = table(answers).getChild('y');
  assert.deepStrictEqual([...y].map((row) => [...row]), [[1, 2, 3], [4, 5, 6]]);

  // rows into a pipeline: the tags by dictionary, one batch twice
  const samples = new arrow.Table({
    tag: arrow.vectorFromArray(['a', 'b', 'a'], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32())),
    value: arrow.vectorFromArray([1.5, null, 3.5], new arrow.Float64()),
  });
  const batch = arrow.tableToIPC(samples, 'stream');
  const source = path('pipelines', 'pushed', 'source');
  const put = async () => {
    for (let wait = 0; ; wait++) {
      try {
        return await stream(client.DoPut(metadata), sending(source, batch, 10));
      } catch (error) {
        // the pipeline may still be on its way
        if (error.code !== grpc.status.UNAVAILABLE || wait > 200) throw error;
        await new Promise((go) => setTimeout(go, 50));
      }
    }
  };
  const first = JSON.parse((await put())[0].app_metadata);
  assert.strictEqual(first.accepted, 3);
  const again = JSON.parse((await put())[0].app_metadata);
  assert.deepStrictEqual([again.accepted, again.repeated], [3, true]);

  // and out again, as they were recorded
  const ticket = { pipeline: 'pushed', stage: 'source', recorded: true };
  const rows = await stream(
    client.DoGet({ ticket: Buffer.from(JSON.stringify(ticket)) }, metadata),
    []
  );
  const read = table(rows);
  assert.deepStrictEqual([...read.getChild('tag')], ['a', 'b', 'a']);
  assert.deepStrictEqual([...read.getChild('value')], [1.5, null, 3.5]);
  client.close();
  console.log('all is well');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
